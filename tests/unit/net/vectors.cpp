#include "tests/unit/net/vectors.hpp"

#include <algorithm>
#include <fstream>
#include <ostream>
#include <sstream>
#include <stdexcept>

namespace bankconnect::test {

namespace {

constexpr const char* kHost = "localhost:8080";
constexpr const char* kPath = "/";

std::vector<std::string> split(const std::string& text, const std::string& by) {
  std::vector<std::string> out;
  std::size_t from = 0;
  for (;;) {
    const auto end = text.find(by, from);
    out.push_back(text.substr(from, end - from));
    if (end == std::string::npos) return out;
    from = end + by.size();
  }
}

void replace(std::string& text, const std::string& what, const std::string& by) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
}

std::string unescaped(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out += text[i];
      continue;
    }
    switch (text.at(++i)) {
      case 'r': out += '\r'; break;
      case 'n': out += '\n'; break;
      case 't': out += '\t'; break;
      case '\\': out += '\\'; break;
      case 'x':
        out += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
        i += 2;
        break;
      default: throw std::runtime_error("an unknown escape in " + text);
    }
  }
  return out;
}

/// Replaces `{100*text}` by 100 copies of `text`, with the number of the copy, from 0, in place of `{n}`.
void repeat(std::string& text) {
  for (auto begin = text.find('{'); begin != std::string::npos; begin = text.find('{', begin + 1)) {
    const auto star = text.find_first_not_of("0123456789", begin + 1);
    if (star == begin + 1 || star == std::string::npos || text[star] != '*') continue;
    auto end = star;
    for (int depth = 1; depth > 0; ++end)
      depth += text.at(end + 1) == '{' ? 1 : text.at(end + 1) == '}' ? -1 : 0;
    const int times = std::stoi(text.substr(begin + 1, star - begin - 1));
    std::string all;
    for (int i = 0; i < times; ++i) {
      std::string one = text.substr(star + 1, end - star - 1);
      replace(one, "{n}", std::to_string(i));
      all += one;
    }
    text.replace(begin, end + 1 - begin, all);
  }
}

/// Replaces `{size}` and `{hexsize}` by the size of the text between `{body}` and `{end}`.
void measure(std::string& text) {
  const auto begin = text.find("{body}");
  if (begin == std::string::npos) return;
  const auto end = text.find("{end}");
  const std::size_t size = end - begin - 6;
  std::ostringstream hex;
  hex << std::hex << size;
  text.erase(end, 5);
  text.erase(begin, 6);
  replace(text, "{size}", std::to_string(size));
  replace(text, "{hexsize}", hex.str());
}

std::string bytes_of(std::string text) {
  text = unescaped(text);
  replace(text, "{host}", kHost);
  replace(text, "{path}", kPath);
  repeat(text);
  measure(text);
  return text;
}

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

bool has_status(const std::string& wanted, const Reply& reply) {
  if (wanted == "close") return reply.status == 0 && reply.closed;
  if (wanted == "silent") return reply.status == 0 && !reply.closed;
  if (reply.status == 0) return false;
  if (wanted == "any") return true;
  if (wanted.front() == '!') return reply.status != std::stoi(wanted.substr(1));
  if (wanted.ends_with("xx")) return reply.status / 100 == wanted.front() - '0';
  return reply.status == std::stoi(wanted);
}

bool has_field(const Reply& reply, const std::string& name) {
  return lower(reply.head).find("\r\n" + name + ":") != std::string::npos;
}

/// Has a `Date` like `Sun, 06 Nov 1994 08:49:37 GMT`.
bool dated(const Reply& reply) {
  const auto at = reply.head.find("\r\nDate: ");
  if (at == std::string::npos) return false;
  const std::string date = reply.head.substr(at + 8, 29);
  return date.substr(3, 2) == ", " && date.ends_with(" GMT") && date.find(':') == 19;
}

bool meets(const std::string& condition, const Reply& reply) {
  const auto colon = condition.find(':');
  const std::string kind = condition.substr(0, colon);
  std::string text = colon == std::string::npos ? "" : condition.substr(colon + 1);
  if (kind == "closed") return reply.closed;
  if (kind == "single") return reply.status_lines == 1;
  if (kind == "bare") return reply.body.empty();
  if (kind == "dated") return dated(reply);
  if (kind == "has") return has_field(reply, text);
  if (kind == "lacks") return !has_field(reply, text);
  std::ranges::replace(text, '_', ' ');
  if (kind == "says") return reply.body == text || reply.body == "OK";
  if (kind == "echoes") return reply.body == text;
  throw std::runtime_error("an unknown condition: " + condition);
}

bool is(const std::string& outcome, const std::vector<Reply>& replies) {
  const auto steps = split(outcome, ">");
  for (std::size_t step = 0; step < steps.size(); ++step) {
    const Reply reply = step < replies.size() ? replies[step] : Reply{};
    const auto parts = split(steps[step], "+");
    if (!has_status(parts.front(), reply)) return false;
    const bool all = std::all_of(parts.begin() + 1, parts.end(),
                                 [&](const std::string& condition) { return meets(condition, reply); });
    if (!all) return false;
  }
  return true;
}

bool is_one_of(const std::string& outcomes, const std::vector<Reply>& replies) {
  if (outcomes == "-") return false;
  return std::ranges::any_of(split(outcomes, " "),
                             [&](const std::string& outcome) { return is(outcome, replies); });
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const Vector& vector) {
  return out << vector.id;
}

std::ostream& operator<<(std::ostream& out, Verdict verdict) {
  return out << (verdict == Verdict::pass ? "pass" : verdict == Verdict::warn ? "warn" : "fail");
}

Reply read_reply(std::string_view bytes, bool closed) {
  Reply reply;
  reply.closed = closed;
  if (bytes.size() < 12 || !bytes.starts_with("HTTP/1.")) return reply;
  reply.status = std::stoi(std::string(bytes.substr(9, 3)));
  const auto end = bytes.find("\r\n\r\n");
  reply.head = bytes.substr(0, end);
  if (end != std::string_view::npos) reply.body = bytes.substr(end + 4);
  for (auto at = bytes.find("HTTP/1."); at != std::string_view::npos; at = bytes.find("HTTP/1.", at + 1))
    ++reply.status_lines;
  return reply;
}

Verdict judge(const Vector& vector, const std::vector<Reply>& replies) {
  if (is_one_of(vector.pass, replies)) return Verdict::pass;
  return is_one_of(vector.warn, replies) ? Verdict::warn : Verdict::fail;
}

std::vector<Vector> read_vectors(const std::string& name) {
  std::ifstream file(std::string(BANKCONNECT_ROOT) + "/tests/conformance/vectors/" + name);
  std::vector<Vector> out;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.front() == '#') continue;
    const auto cells = split(line, " | ");
    if (cells.size() != 4) throw std::runtime_error(name + ": not four cells: " + line);
    Vector vector{cells[0], true, cells[1], cells[2], {}};
    if (vector.id.front() == '~') {
      vector.scored = false;
      vector.id.erase(0, 1);
    }
    for (const std::string& bytes : split(cells[3], "{then}"))
      vector.sends.push_back(bytes_of(bytes));
    out.push_back(std::move(vector));
  }
  return out;
}

}  // namespace bankconnect::test
