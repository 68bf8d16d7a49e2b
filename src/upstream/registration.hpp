// What BankConnect's answer to update_webhook means. Pure.
#pragma once

#include "bankconnect/records.hpp"
#include "src/upstream/answers.hpp"

namespace bankconnect::upstream {

/// Nothing rests on the body but what went wrong; one that cannot be read is no success.
RegistrationAnswer read_registration(Registration registration, HttpAnswer http);

}  // namespace bankconnect::upstream
