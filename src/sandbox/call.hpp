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
  update_webhook
};

inline constexpr NameTable<Call, 7> kCallNames{{{"create_session", Call::create_session},
                                                {"upload_status", Call::upload_status},
                                                {"initiate", Call::initiate},
                                                {"progress", Call::progress},
                                                {"session_status", Call::session_status},
                                                {"insights", Call::insights},
                                                {"update_webhook", Call::update_webhook}}};

inline constexpr std::size_t kCallCount = kCallNames.size();

}  // namespace bankconnect::sandbox
