// The main of every test program.
#define BOOST_TEST_MODULE bankconnect
#include <boost/test/unit_test.hpp>
