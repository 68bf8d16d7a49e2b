#pragma once

#include <cstddef>

#include "src/sandbox/name_table.hpp"

namespace bankconnect::sandbox {

// The documented calls.
enum class Call {
  create_session,
  upload_status,
  initiate,
  progress,
  session_status,
  insights,
  update_webhook,
  report  // a link in the insights; the real one leads to another host
};

inline constexpr NameTable<Call, 8> kCallNames{{{"create_session", Call::create_session},
                                                {"upload_status", Call::upload_status},
                                                {"initiate", Call::initiate},
                                                {"progress", Call::progress},
                                                {"session_status", Call::session_status},
                                                {"insights", Call::insights},
                                                {"update_webhook", Call::update_webhook},
                                                {"report", Call::report}}};

inline constexpr std::size_t kCallCount = kCallNames.size();

}  // namespace bankconnect::sandbox
