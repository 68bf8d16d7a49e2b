#include "src/monitor/write_watermark.hpp"

#include <algorithm>
#include <boost/json.hpp>

namespace bankconnect::monitor {

LogPosition log_position_in(const std::string& status_json) {
  LogPosition position;
  boost::system::error_code ec;
  const boost::json::value status = boost::json::parse(status_json, ec);
  const boost::json::object* const object = ec ? nullptr : status.if_object();
  if (object == nullptr) return position;
  const boost::json::value* const log_id = object->if_contains("log_id");
  const boost::json::value* const store = object->if_contains("store");
  if (log_id == nullptr || !log_id->is_string() || store == nullptr || !store->is_object()) return position;
  const auto number = [store](boost::json::string_view key) -> std::uint64_t {
    const boost::json::value* const value = store->get_object().if_contains(key);
    boost::system::error_code none;
    const std::uint64_t read = value != nullptr ? value->to_number<std::uint64_t>(none) : 0;
    return none ? 0 : read;
  };
  position.log_id = std::string(log_id->get_string().data(), log_id->get_string().size());
  position.newest = number("last_event_seq");
  position.commands = number("commands");
  return position;
}

std::uint64_t files_through_in(const std::string& status_json) {
  boost::system::error_code ec;
  const boost::json::value status = boost::json::parse(status_json, ec);
  const boost::json::object* object = ec ? nullptr : status.if_object();
  const boost::json::value* through = object == nullptr ? nullptr : object->if_contains("files_through");
  if (through == nullptr) return 0;
  const auto seq = through->to_number<std::uint64_t>(ec);
  return ec ? 0 : seq;
}

void WriteWatermark::catch_up(std::uint64_t reached, std::uint64_t last_seq) {
  through_ = scanned_through_ = reached <= last_seq ? reached : 0;
  next_page();
}

void WriteWatermark::next_page() {
  interrupted_ = false;
  store_.events({scanned_through_, kMaxEventsPage}, [this](const Result<EventPage>& page) {
    if (page.has_error()) {
      interrupted_ = true;
      return;
    }
    if (page->gone && page->events.empty()) {
      scanned_through_ = page->oldest - 1;
      return next_page();
    }
    if (page->events.empty()) {
      caught_up_ = true;
      return;
    }
    for (const EventRecord& event : page->events) {
      if (!event.erased) files_.changed(event.id);
    }
    scanned_through_ = page->events.back().seq;
    next_page();
  });
}

void WriteWatermark::advance(std::uint64_t last_seq) {
  if (interrupted_) next_page();
  if (!caught_up_ || !files_.written(next_writes_)) return;
  through_ = std::max(through_, next_through_);
  next_through_ = last_seq;
  next_writes_ = files_.requested();
  if (files_.written(next_writes_)) through_ = std::max(through_, next_through_);
}

}  // namespace bankconnect::monitor
