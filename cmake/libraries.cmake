# All dependencies come from Debian; the versions are the oldest that are tested.
set(Boost_NO_WARN_NEW_VERSIONS ON)
if(POLICY CMP0167)
  cmake_policy(SET CMP0167 NEW)
endif()
find_package(Boost 1.81 REQUIRED COMPONENTS json url)
find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(SQLite3 3.40 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(fmt 9 REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd>=1.5)
pkg_check_modules(SYSTEMD REQUIRED IMPORTED_TARGET libsystemd>=252)

# Asio and Beast are compiled once, in src/net/boost_asio.cpp and boost_beast.cpp, not in every file.
add_library(bankconnect_asio INTERFACE)
target_compile_definitions(bankconnect_asio INTERFACE
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED
  BOOST_ASIO_DISABLE_BOOST_COROUTINE)
target_link_libraries(bankconnect_asio INTERFACE Boost::headers Threads::Threads OpenSSL::SSL OpenSSL::Crypto)

# toml++ and CLI11 are headers.
add_library(bankconnect_toml INTERFACE)
target_compile_definitions(bankconnect_toml INTERFACE TOML_HEADER_ONLY=1 TOML_EXCEPTIONS=0)
