#include <array>
#include <utility>

#include "tests/unit/statemachine/story.hpp"

namespace bankconnect::test {

BOOST_AUTO_TEST_SUITE(vocabulary)

BOOST_AUTO_TEST_CASE(every_documented_spelling_of_an_upload_status_is_parsed) {
  const std::array<std::pair<std::string_view, UploadStatus>, 12> spellings = {{
      {"NO_UPLOAD", UploadStatus::no_uploads},
      {"NO UPLOADS", UploadStatus::no_uploads},
      {"NO_UPLOADS", UploadStatus::no_uploads},
      {"no-uploads", UploadStatus::no_uploads},
      {"IN PROGRESS", UploadStatus::in_progress},
      {"IN_PROGRESS", UploadStatus::in_progress},
      {"In-Progress", UploadStatus::in_progress},
      {"COMPLETED", UploadStatus::completed},
      {"completed", UploadStatus::completed},
      {"EXPIRED", UploadStatus::expired},
      {"UPLOADING", UploadStatus::unknown},
      {"", UploadStatus::unknown},
  }};
  for (const auto& [text, status] : spellings)
    BOOST_TEST(parse_upload_status(text) == status, text);
}

BOOST_AUTO_TEST_CASE(states_are_parsed_by_their_exact_names_only) {
  for (const State state : kAllStates)
    BOOST_TEST((parse_state(to_string(state)) == state));
  BOOST_TEST(!parse_state("enriched").has_value());
  BOOST_TEST(!parse_state("").has_value());
}

BOOST_AUTO_TEST_CASE(a_session_id_is_accepted_in_any_letter_case_and_normalized_to_lower_case) {
  const auto id = SessionId::parse("136B1AA3-4610-4D0A-89F3-03078A2FCE92");
  BOOST_TEST_REQUIRE(id.has_value());
  BOOST_TEST(id->text() == "136b1aa3-4610-4d0a-89f3-03078a2fce92");
}

BOOST_AUTO_TEST_CASE(text_that_is_not_a_hyphenated_uuid_is_no_session_id) {
  for (const std::string_view text :
       {"", "136b1aa3", "136b1aa346104d0a89f303078a2fce92", "{136b1aa3-4610-4d0a-89f3-03078a2fce92}",
        "136b1aa3-4610-4d0a-89f3-03078a2fce9g", "136b1aa3-4610-4d0a-89f3-03078a2fce92 ",
        "136b1aa3-4610-4d0a-89f3_03078a2fce92", "136b1aa3-46104-d0a-89f3-03078a2fce92"}) {
    BOOST_TEST(!SessionId::parse(text).has_value(), text);
  }
}

BOOST_AUTO_TEST_CASE(the_hash_of_a_session_id_depends_on_the_salt) {
  const auto id = *SessionId::parse("136b1aa3-4610-4d0a-89f3-03078a2fce92");
  BOOST_TEST(hash_of(id, 1) != hash_of(id, 2));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
