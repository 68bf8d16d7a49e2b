#include "src/store_sqlite/registrations.hpp"

namespace bankconnect::store_sqlite {

Registrations::Registrations(Connection& c)
    : save_(c,
            "INSERT OR REPLACE INTO registration (one, webhook_url, webhook_mode, at, http_status, code, "
            "message) VALUES (1,?,?,?,?,?,?)"),
      last_(c, "SELECT webhook_url, webhook_mode, at, http_status, code, message FROM registration") {}

void Registrations::save(const Registration& registration) {
  save_.bind(registration.webhook_url).bind(registration.webhook_mode).bind(registration.at);
  save_.bind(registration.http_status).bind(registration.code).bind(registration.message).run();
}

std::optional<Registration> Registrations::last() {
  const ResetOnExit reset(last_);
  if (!last_.step()) return std::nullopt;
  Registration registration;
  registration.webhook_url = last_.text();
  registration.webhook_mode = last_.text();
  registration.at = last_.wall();
  registration.http_status = static_cast<int>(last_.integer());
  registration.code = last_.text();
  registration.message = last_.text();
  return registration;
}

}  // namespace bankconnect::store_sqlite
