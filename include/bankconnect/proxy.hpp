// The egress proxy that calls to BankConnect go through: `upstream.proxy`, and which hosts need none.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bankconnect/base_url.hpp"

namespace bankconnect {

/// `http://HOST:PORT` or `https://HOST:PORT`. Error BAD_BASE_URL with a message that says what would be
/// right.
Result<BaseUrl> parse_proxy_url(const std::string& text);

/// Whether an entry of `upstream.no_proxy` names the host: the host itself, a domain that it belongs to (with
/// or without `.` or `*.` before it), or `*`. An address has to be equal.
bool reached_without_proxy(std::string_view host, const std::vector<std::string>& no_proxy);

}  // namespace bankconnect
