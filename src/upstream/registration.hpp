// The call update_webhook: where BankConnect sends the account's webhooks.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "bankconnect/clock.hpp"
#include "bankconnect/records.hpp"
#include "src/upstream/exchanger.hpp"

namespace bankconnect::upstream {

/// Makes the call, on a new connection.
boost::asio::awaitable<RegistrationAnswer> register_webhook(Exchanger& exchanger, const Clock& clock,
                                                            const UpstreamConfig& config, std::string url,
                                                            std::string mode);

/// What its answer means. Only errors are read from the body; one that cannot be read is no success.
RegistrationAnswer read_registration(Registration registration, HttpAnswer http);

}  // namespace bankconnect::upstream
