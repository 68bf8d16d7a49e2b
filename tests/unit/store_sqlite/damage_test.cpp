// A database file with damage in it is refused, or what is read of it is what was stored. More variants than
// the first 200: BANKCONNECT_DAMAGED_FILES=20000 test-store_sqlite -t damage.
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <fstream>
#include <map>

#include "src/store_sqlite/row_check.hpp"
#include "tests/unit/store_sqlite/open_store.hpp"
#include "tests/unit/store_sqlite/random_values.hpp"
#include "tests/unit/store_sqlite/traces.hpp"

namespace bankconnect::test {
namespace {

constexpr std::size_t kPage = 4096;

void replace(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

/// What was stored and is to be read again.
struct Believed {
  Durable durable;
  std::string reference, accounts, error;

  bool operator==(const Believed&) const = default;
};

Believed stored(const SessionRecord& record) {
  return {record.durable, record.reference, record.uploaded_accounts,
          record.last_error ? record.last_error->message : ""};
}

/// A database of forty sessions, and what is in it.
struct Database {
  Database() {
    OpenStore store(path);
    for (int i = 0; i < 40; ++i) {
      const NewSession session = random.session();
      BOOST_REQUIRE(store.submit({session}).has_value());
      SessionWrite write = random.write_for(session);
      write.accounts = "[\"" + random.letters(300) + "\"]";
      write.last_error = LastError{"HTTP_503", random.letters(20), session.durable.since};
      write.evidence = Evidence{Call::upload_status, session.durable.since, "status", random.letters(9), ""};
      write.transition = random.transition();
      store.write(std::move(write));
      truth[session.id] = stored(*store.session(session.id));
    }
  }

  TempDir dir;
  std::string path = dir / "db";
  Random random{7};
  std::map<SessionId, Believed> truth;
};

struct Damaged {
  std::string bytes;
  std::string how;
};

Damaged with_damage(std::string bytes, Random& random) {
  const std::size_t pages = bytes.size() / kPage;
  const std::size_t page = random.below(pages);
  const std::size_t at = random.below(bytes.size());
  const auto place = [&bytes](std::size_t number) {
    return bytes.begin() + static_cast<long>(number * kPage);
  };
  switch (random.below(6)) {
    case 0: return {bytes.substr(0, at), "cut after " + std::to_string(at) + " bytes"};
    case 1:
      std::fill(place(page), place(page + 1), '\0');
      return {bytes, "page " + std::to_string(page) + " emptied"};
    case 2: {
      const std::size_t other = random.below(pages);
      std::swap_ranges(place(page), place(page + 1), place(other));
      return {bytes, "pages " + std::to_string(page) + " and " + std::to_string(other) + " swapped"};
    }
    case 3:
      bytes[at] = static_cast<char>(random.number());
      return {bytes, "byte " + std::to_string(at) + " replaced"};
    default:
      bytes[at] = static_cast<char>(bytes[at] ^ (1 << random.below(8)));
      return {bytes, "a bit of byte " + std::to_string(at) + " flipped"};
  }
}

/// What the reader does while nothing is asked.
bool check_finds_damage(const std::string& path) {
  store_sqlite::Connection connection(path, SQLITE_OPEN_READONLY);
  store_sqlite::Tables tables(connection);
  try {
    store_sqlite::RowCheck check(connection, tables);
    while (check.advance(7)) {
    }
  } catch (const store_sqlite::SqliteError&) {
    return true;
  }
  return false;
}

enum class Verdict { served, refused, found_later, wrong };

/// Reads everything; `wrong` names what was believed.
Verdict read_everything(const std::string& path, const std::map<SessionId, Believed>& truth,
                        std::string& wrong) {
  std::unique_ptr<OpenStore> store;
  try {
    store = std::make_unique<OpenStore>(path);
  } catch (const std::runtime_error&) {
    return Verdict::refused;
  }
  const auto believed = [&](const std::string& what) {
    wrong = check_finds_damage(path) ? "" : what;
    return wrong.empty() ? Verdict::found_later : Verdict::wrong;
  };
  std::map<SessionId, Believed> recovered;
  for (const SessionRecord& record : store->recovered)
    recovered[record.id] = stored(record);
  for (const auto& one : truth) {
    const SessionId& id = one.first;
    const Believed& was = one.second;
    const bool live = !was.durable.final || was.durable.after_end != AfterEnd::nothing;
    const auto found = recovered.find(id);
    if (live && (found == recovered.end() || !(found->second == was)))
      return believed("recovery of " + id.text());
    using Answer = Result<std::optional<SessionRecord>>;
    const auto answer = store->wait<Answer>([&](auto done) { store->store->session(id, done); });
    if (answer.has_error()) return Verdict::refused;
    if (!*answer || !(stored(**answer) == was)) return believed("read of " + id.text());
  }
  return Verdict::served;
}

BOOST_AUTO_TEST_SUITE(damage)

BOOST_AUTO_TEST_CASE(a_damaged_database_is_refused_or_read_as_it_was_stored) {
  Database database;
  const std::string whole = contents(database.path);
  std::map<Verdict, int> verdicts;
  const char* files = std::getenv("BANKCONNECT_DAMAGED_FILES");
  const int count = files != nullptr ? std::atoi(files) : 200;
  for (int i = 0; i < count; ++i) {
    const Damaged damaged = with_damage(whole, database.random);
    replace(database.path, damaged.bytes);
    std::string wrong;
    const Verdict verdict = read_everything(database.path, database.truth, wrong);
    ++verdicts[verdict];
    BOOST_TEST(wrong == "", damaged.how << ": " << wrong);
    std::filesystem::remove(database.path + "-wal");
    std::filesystem::remove(database.path + "-shm");
  }
  BOOST_TEST(verdicts[Verdict::served] > 20);
  BOOST_TEST(verdicts[Verdict::refused] > 20);
  BOOST_TEST_MESSAGE(verdicts[Verdict::served] << " served, " << verdicts[Verdict::refused] << " refused, "
                                               << verdicts[Verdict::found_later] << " found later");
}

BOOST_AUTO_TEST_CASE(a_row_that_an_index_lacks_is_found_while_reads_go_on) {
  Database database;
  const SessionId id = database.truth.begin()->first;
  {
    // An entry of the index is made to name another row.
    std::string bytes = contents(database.path);
    const std::string key(reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size());
    bool is_index = false;
    for (std::size_t at = bytes.find(key); at != std::string::npos; at = bytes.find(key, at + 1)) {
      // In an index the row's number follows the key; in the table the reference, in letters.
      is_index = static_cast<unsigned char>(bytes[at + key.size()]) <= 40 && bytes[at + key.size()] > 0;
      if (is_index) bytes[at] = static_cast<char>(~bytes[at]);
    }
    replace(database.path, bytes);
  }
  OpenStore store(database.path);
  BOOST_TEST(store.loop.run_until([&] {
    store.store->facts([](const auto&) {});
    return store.failure.has_value();
  }));
  BOOST_TEST(store.failure->message.find("an index lacks session " + id.text()) != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace bankconnect::test
