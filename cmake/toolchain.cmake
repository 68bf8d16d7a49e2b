# Warnings, hardening, sanitizers, ccache and mold. Every target of this project links bankconnect_flags.
add_library(bankconnect_flags INTERFACE)
target_compile_options(bankconnect_flags INTERFACE -Wall -Wextra -Wconversion -Wshadow -Wnon-virtual-dtor)
if(BANKCONNECT_WERROR)
  target_compile_options(bankconnect_flags INTERFACE -Werror)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # A false positive of g++ 12 about Asio's allocation of coroutine frames.
  target_compile_options(bankconnect_flags INTERFACE -Wno-mismatched-new-delete)
endif()
target_include_directories(bankconnect_flags INTERFACE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/include)

# The standard library's own checks, e.g. of indexes: cheap, and not only in debug builds.
target_compile_definitions(bankconnect_flags INTERFACE _GLIBCXX_ASSERTIONS)

# Several sources as one: the headers are read once, which makes a build of everything several times cheaper. The
# preset dev compiles each file alone, and so proves that each includes what it uses.
if(CMAKE_UNITY_BUILD)
  set(CMAKE_UNITY_BUILD_BATCH_SIZE 100)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # A source counts as a header here, and its lambdas and anonymous namespace as shared.
    target_compile_options(bankconnect_flags INTERFACE -Wno-subobject-linkage)
  endif()
endif()

set(CMAKE_POSITION_INDEPENDENT_CODE ON)
include(CheckPIESupported)
check_pie_supported()

if(BANKCONNECT_SANITIZE)
  target_compile_options(bankconnect_flags INTERFACE
    -fsanitize=${BANKCONNECT_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all -g)
  target_link_options(bankconnect_flags INTERFACE -fsanitize=${BANKCONNECT_SANITIZE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(bankconnect_flags INTERFACE -Wno-maybe-uninitialized)
  endif()
  if(BANKCONNECT_SANITIZE MATCHES thread AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # Asio's fences guard its own bookkeeping; g++ only warns that TSan cannot see through them.
    target_compile_options(bankconnect_flags INTERFACE -Wno-tsan)
  endif()
elseif(CMAKE_BUILD_TYPE MATCHES "Rel")
  # Level 3 checks sizes that are known only when the program runs, too.
  set(FORTIFY 2)
  if(CMAKE_CXX_COMPILER_VERSION VERSION_GREATER_EQUAL 12)
    set(FORTIFY 3)
  endif()
  target_compile_options(bankconnect_flags INTERFACE
    -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=${FORTIFY} -fstack-protector-strong -fstack-clash-protection -fcf-protection)
  target_link_options(bankconnect_flags INTERFACE -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)
endif()

# Relative paths, so that clones in different folders share the cache.
find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
    CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE})
endif()
find_program(MOLD mold)
if(MOLD)
  target_link_options(bankconnect_flags INTERFACE -fuse-ld=mold)
endif()
