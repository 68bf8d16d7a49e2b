// How far webhooks can be relied on, as a value. Webhooks promise nothing: no retry, no order, no signature.
// So the channel is judged by what answers to our own calls show: news a webhook had announced speaks for it,
// news that polling found and no webhook announced speaks against it.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "statemachine/policy.hpp"

namespace bankconnect {

/// What BankConnect sends a webhook about. Source: docs/upstream.md, "Webhooks".
enum class News : std::uint8_t {
  completion,  ///< the upload status became COMPLETED
  expiry,      ///< … EXPIRED
  enrichment   ///< processing ended, well or badly
};
inline constexpr std::array kAllNews = {News::completion, News::expiry, News::enrichment};

/// Some kinds of news, a bit each.
using NewsBits = std::uint8_t;
constexpr NewsBits bit(News news) {
  return static_cast<NewsBits>(1u << static_cast<unsigned>(news));
}
inline constexpr NewsBits kAnyNews = bit(News::completion) | bit(News::expiry) | bit(News::enrichment);

/// What a webhook of this name is about; one of a name nobody documented may be about anything.
NewsBits news_named(std::string_view event_name);

std::string_view name(News);
std::string_view name(WebhookHealth);

/// News found in an answer.
struct Finding {
  News news = News::completion;
  bool announced = false;  ///< a hint for this session had come
};

//   off        nobody listens
//   unproven   nothing was announced yet
//   healthy    webhooks announce what happens: polling is a safety net only
//   degraded   something happened and its webhook did not come
//
// Each kind of news is judged by itself, because an account may have been registered for some of them only:
// the channel is healthy when at least one kind has proved itself and no kind is missing.
class WebhookChannel {
 public:
  /// `grace`: `webhook.grace`. Not listening: the channel is off and stays so.
  WebhookChannel(bool listening, Duration grace) : listening_(listening), grace_(grace) {}

  WebhookHealth health() const;

  /// A webhook announced this news. After a miss the same kind has to be announced again, later than one
  /// grace period after it: a channel that loses every other webhook does not swing to and fro.
  void announced(News news, Steady now);
  /// Its webhook did not come within the grace period.
  void missed(News news, Steady now);

 private:
  struct Kind {
    bool proven = false;
    Steady missed_at = kNoSteady;  ///< until announced again
  };

  bool listening_;
  Duration grace_;
  std::array<Kind, kAllNews.size()> kinds_{};
};

}  // namespace bankconnect
