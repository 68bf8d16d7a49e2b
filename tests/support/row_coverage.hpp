// Which rows of the transition table the tests took. Written where $BANKCONNECT_ROWS_FILE says when the
// program ends; report-row-coverage adds the files up.
#pragma once

#include "statemachine/table.hpp"

namespace bankconnect::test {

void took(const Row* row);

}  // namespace bankconnect::test
