// A store's reading interface that counts the reads of single sessions.
#pragma once

#include <atomic>
#include <utility>

#include "bankconnect/store.hpp"

namespace bankconnect::test {

class CountingReader final : public StoreReader {
 public:
  explicit CountingReader(StoreReader& store) : store_(store) {}

  void session(SessionId id, Done<std::optional<SessionRecord>> done) override {
    ++session_reads_;
    store_.session(id, std::move(done));
  }
  void sessions(SessionQuery query, Done<SessionPage> done) override {
    store_.sessions(std::move(query), std::move(done));
  }
  void payload(SessionId id, Call kind, Done<std::optional<Payload>> done) override {
    store_.payload(id, kind, std::move(done));
  }
  void report(SessionId id, ReportName name, Done<std::optional<Payload>> done) override {
    store_.report(id, std::move(name), std::move(done));
  }
  void events(EventQuery query, Done<EventPage> done) override { store_.events(query, std::move(done)); }
  void webhooks(WebhookQuery query, Done<WebhookPage> done) override {
    store_.webhooks(query, std::move(done));
  }
  void facts(Done<StoreFacts> done) override { store_.facts(std::move(done)); }

  WriteDelay write_delay() const override { return store_.write_delay(); }

  int session_reads() const { return session_reads_; }

 private:
  StoreReader& store_;
  std::atomic<int> session_reads_ = 0;
};

}  // namespace bankconnect::test
