#include "bankconnect/daemon.hpp"

int main(int argc, char** argv) {
  return bankconnect::run_daemon(argc, argv);
}
