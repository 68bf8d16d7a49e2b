#include "src/sandbox/api_error.hpp"

#include "src/sandbox/name_table.hpp"

namespace bankconnect::sandbox {
namespace {

constexpr NameTable<std::string_view, 18> kMessages{{
    {"MISSING_TRANSACTIONS", "One or more transactions are missing in the specified date range"},
    {"INCOMPLETE_MONTHS",
     "Insufficient data to generate report. There are no transactions for Nov 2023, Dec 2023"},
    {"NULL_ACCOUNT_NUMBER", "Account number is unavailable or unidentified"},
    {"BALANCE_MISMATCH", "Calculated transaction balance does not match"},
    {"INCOMPLETE_MONTHS_UPLOAD",
     "Statement(s) uploaded contain incomplete months. Missing data present for Nov 2023, Dec 2023"},
    {"INCOMPLETE_DATES_UPLOAD",
     "Statement(s) uploaded contain incomplete dates. Missing dates present for {\"Jan 2024\": [1, 2, 3, "
     "4]}"},
    {"UNPARSABLE", "Failed to process because of an unparsable statement"},
    {"PASSWORD_INCORRECT", "The provided password is incorrect"},
    {"BANK_NAME_MISMATCH", "The bank name in the statement doesn't match the selected bank"},
    {"STATEMENT_UNSUPPORTED_FORMAT", "The statement format is not supported"},
    {"STATEMENT_DUPLICATE", "A duplicate statement has been detected"},
    {"STATEMENT_TOO_MANY_PAGES", "The statement exceeds the allowed page limit"},
    {"NO_TRANSACTIONS_FROM_AA", "Not able to fetch transactions from Account Aggregator"},
    {"PDF_IS_IMAGE", "Scanned images are not supported"},
    {"EXTRACTION_FAILED", "Failed to extract information from the statement"},
    {"OUT_OF_DATE_RANGE", "The statement uploaded is beyond the specified date range"},
    {"STATEMENT_NO_TRANSACTIONS", "No transactions were identified in the uploaded statement"},
    {"BANK_NAME_UNDETECTED", "Bank name could not be identified"},
}};

}  // namespace

std::string_view documented_message(std::string_view code) {
  return value_of(kMessages, code).value_or(std::string_view{});
}

}  // namespace bankconnect::sandbox
