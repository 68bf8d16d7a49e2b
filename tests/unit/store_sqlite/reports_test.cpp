// Reports in the database: stored with a write of their session, listed with it, and erased with it.
#include <boost/test/unit_test.hpp>

#include "tests/unit/store_sqlite/open_store.hpp"
#include "tests/unit/store_sqlite/random_values.hpp"
#include "tests/unit/store_sqlite/traces.hpp"

namespace bankconnect::test {

namespace {

const ReportName kXlsx{"a-1", ReportFormat::xlsx};
const ReportName kXml{"a-1", ReportFormat::xml};

struct WithSession {
  TempDir dir;
  Random random{7};
  NewSession session = new_session(random.id(), "loan 1");
  OpenStore store{dir / "db"};

  WithSession() { store.submit({session}); }

  Written write(std::vector<ReportWrite> reports) {
    SessionWrite write;
    write.id = session.id;
    write.durable = session.durable;
    write.reports = std::move(reports);
    return store.write_whole(std::move(write));
  }
  ReportWrite fetched(const ReportName& name, const std::string& bytes) {
    ReportWrite write{name, nullptr, {}};
    write.report = payload_of(bytes);
    return write;
  }
  static ReportWrite missing(const ReportName& name, const std::string& code) {
    return {name, nullptr, {code, "why", Wall(std::chrono::hours(1))}};
  }
  std::optional<Payload> report(const ReportName& name) {
    return *store.wait<Result<std::optional<Payload>>>(
        [&](auto done) { store.store->report(session.id, name, done); });
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(reports, WithSession)

BOOST_AUTO_TEST_CASE(a_report_is_read_as_it_was_stored_and_listed_with_its_session) {
  const Written written = write({fetched(kXlsx, "bytes"), missing(kXml, "HTTP_404")});
  const auto stored = report(kXlsx);
  BOOST_TEST_REQUIRE(stored.has_value());
  BOOST_TEST(stored->compressed == "bytes");
  BOOST_TEST(!report(kXml).has_value());
  BOOST_TEST(!report({"a-2", ReportFormat::xlsx}).has_value());
  BOOST_TEST_REQUIRE(written.record->reports.size() == 2U);
  const ReportInfo& first = written.record->reports[0];
  BOOST_TEST((first.name == kXlsx));
  BOOST_TEST(first.bytes == stored->bytes);
  BOOST_TEST((first.sha256 == stored->sha256));
  BOOST_TEST(!first.error.has_value());
  BOOST_TEST(written.record->reports[1].error->code == "HTTP_404");
  BOOST_TEST(store.sessions({}).sessions.at(0).reports.size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_newer_report_replaces_an_older_one_and_an_error) {
  write({fetched(kXlsx, "old"), missing(kXml, "HTTP_503")});
  const Written written = write({fetched(kXlsx, "new"), fetched(kXml, "here")});
  BOOST_TEST(report(kXlsx)->compressed == "new");
  BOOST_TEST(report(kXml)->compressed == "here");
  for (const ReportInfo& info : written.record->reports)
    BOOST_TEST(!info.error.has_value());
}

BOOST_AUTO_TEST_CASE(an_error_replaces_an_error_and_never_a_report) {
  write({fetched(kXlsx, "kept"), missing(kXml, "HTTP_503")});
  const Written written = write({missing(kXlsx, "HTTP_404"), missing(kXml, "HTTP_404")});
  BOOST_TEST(report(kXlsx)->compressed == "kept");
  BOOST_TEST(!written.record->reports[0].error.has_value());
  BOOST_TEST(written.record->reports[1].error->code == "HTTP_404");
}

BOOST_AUTO_TEST_CASE(reports_are_erased_with_their_session_to_the_last_byte) {
  const std::string old = random.bytes(20'000);
  const std::string replaced = random.bytes(9'000);
  write({fetched(kXlsx, old), fetched(kXml, replaced)});
  write({fetched(kXml, "short")});
  store.erase(session.id);
  BOOST_TEST(!report(kXlsx).has_value());
  const std::vector<std::string> found =
      Search(dir / "db").find({{"a report", old}, {"a replaced report", replaced}});
  BOOST_TEST(found.empty(), (found.empty() ? "" : found.front()));
}

BOOST_AUTO_TEST_CASE(retention_erases_reports_too) {
  write({fetched(kXlsx, "bytes")});
  SessionWrite end;
  end.id = session.id;
  end.durable = session.durable;
  end.durable.final = true;
  end.durable.final_at = as_elapsed(Wall(std::chrono::hours(1)));
  store.write(std::move(end));
  BOOST_TEST(store.sweep(Wall(std::chrono::hours(2)), 10).erased.size() == 1U);
  BOOST_TEST(!report(kXlsx).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
