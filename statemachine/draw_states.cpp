// Writes the generated parts of the files named on the command line anew.
#include <fstream>
#include <iostream>
#include <iterator>

#include "statemachine/drawing.hpp"

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    std::ifstream in(argv[i]);
    if (!in) {
      std::cerr << argv[i] << ": cannot be read\n";
      return 1;
    }
    const std::string document{std::istreambuf_iterator<char>(in), {}};
    std::ofstream out(argv[i]);
    out << bankconnect::with_drawings(document);
    if (!out.flush()) {
      std::cerr << argv[i] << ": cannot be written\n";
      return 1;
    }
  }
  return 0;
}
