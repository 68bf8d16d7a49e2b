#include "tests/simulation/truth.hpp"

namespace bankconnect::simulation {

using namespace std::chrono_literals;

UploadStatus Truth::status(Steady now) const {
  if (requested) return UploadStatus::completed;
  const bool reopened = now >= reopens && now < completes_again;
  if (now >= completes && !reopened) return UploadStatus::completed;
  if (now >= expires) return UploadStatus::expired;
  return now >= begins ? UploadStatus::in_progress : UploadStatus::no_uploads;
}

void Truth::accept(Steady now) {
  requested = true;
  ++accepted;
  finished = now + processing;
}

void Truth::let_others_request(Steady now) {
  if (requested || now < requested_elsewhere || gone(now) || forgotten > 0) return;
  requested = true;
  finished = requested_elsewhere + processing;
}

Truth truth_of(std::uint32_t number, Steady from, const Plan& plan, Chance& chance) {
  Truth truth;
  for (std::size_t i = 0; i < 4; ++i)
    truth.id.bytes[15 - i] = static_cast<std::uint8_t>(number >> (8 * i));
  truth.id.bytes[0] = 0x51;
  const Duration span = std::max<Duration>(plan.faulty, 1h);
  const std::uint64_t fate = chance.below(16);
  truth.exists_from =
      chance.below(6) == 0 ? from + chance.skewed(plan.policy.not_found_grace / 2) : from - 1h;
  if (fate == 0) truth.exists_from = kNever;
  truth.begins =
      std::max(truth.exists_from == kNever ? from : truth.exists_from, from - 1h) + chance.skewed(span / 2);
  truth.completes = truth.begins + chance.skewed(span / 2);
  truth.accounts = static_cast<std::uint32_t>(1 + chance.below(3));
  truth.processing = chance.skewed(chance.below(8) == 0 ? 3600s : 60s);
  if (fate == 1) truth.processing = 24h * 365;
  if (chance.below(4) == 0) truth.failed = static_cast<std::uint32_t>(chance.below(truth.accounts + 1));
  if (chance.below(4) == 0) truth.insights = InsightsAvailable::yes;
  if (fate == 2) truth.insights = InsightsAvailable::no;
  if (fate == 3) truth.unparsable = true;
  if (fate == 4) truth.deleted = from + chance.skewed(span);
  if (fate == 5 || fate == 6) {
    truth.expires = truth.begins + chance.skewed(span / 2);
    truth.completes = kNever;
    if (fate == 6) truth.begins = kNever;
  } else if (chance.below(3) == 0) {
    truth.expires = truth.completes + chance.skewed(span);
  }
  if (fate == 7) {
    truth.reopens = truth.completes + chance.skewed(60s);
    truth.completes_again = truth.reopens + chance.skewed(span / 4);
  }
  if (fate == 8) truth.requested_elsewhere = truth.completes + chance.skewed(60s);
  if (fate == 5 && plan.share(Fault::processed_after_expiry) > 0) {
    truth.requested_elsewhere = truth.expires + chance.skewed(span);
    if (chance.below(2) == 0) truth.processing = span + 72h;
  }
  if (plan.share(Fault::processed_late) > 0) {
    if (fate == 1) truth.processing = plan.policy.processing_timeout + chance.skewed(72h);
    if (fate == 9) {
      truth.completes = kNever;
      truth.expires = kNever;
      truth.requested_elsewhere = from + plan.policy.follow_for + chance.skewed(24h);
    }
  }
  const bool may_be_reopened = plan.share(Fault::processed_late) > 0;
  truth.unserved = plan.one_unserved && number == 1 && !may_be_reopened;
  truth.tells_expiry = truth.expires != kNever && chance.below(2) == 0;
  return truth;
}

}  // namespace bankconnect::simulation
