# One place for everything that holds for every target.
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

set(XUNFANG_SANITIZE "" CACHE STRING "Sanitizers, e.g. address,undefined or thread")
option(XUNFANG_FUZZ "Build the libFuzzer targets (clang)" OFF)
option(XUNFANG_COVERAGE "Instrument for coverage" OFF)

add_compile_definitions(_POSIX_C_SOURCE=200809L _DEFAULT_SOURCE
                        XUNFANG_VERSION="${PROJECT_VERSION}")
include_directories(${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR})

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes
                    -Wconversion -Wno-sign-conversion -Wvla -Wformat=2
                    $<$<C_COMPILER_ID:GNU>:-Wno-format-truncation> # messages are cut at their size on purpose
                    -Werror
                    -fno-common -fstack-protector-strong)
if(CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT XUNFANG_SANITIZE)
  add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
endif()
string(REPLACE "-DNDEBUG" "" CMAKE_C_FLAGS_RELEASE "${CMAKE_C_FLAGS_RELEASE}")
add_link_options(-Wl,-z,relro,-z,now)

if(XUNFANG_SANITIZE)
  add_compile_options(-fsanitize=${XUNFANG_SANITIZE} -fno-omit-frame-pointer
                      -fno-sanitize-recover=all -g)
  add_link_options(-fsanitize=${XUNFANG_SANITIZE})
endif()
if(XUNFANG_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(XUNFANG_COVERAGE)
  add_compile_options(--coverage)
  add_link_options(--coverage)
endif()

# The build tree looks like an installation, so programs find each other and their data alike.
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/libexec/xunfang)
file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/bin ${PROJECT_BINARY_DIR}/libexec/xunfang
     ${PROJECT_BINARY_DIR}/share/xunfang)
foreach(data regions platforms codebooks jobs)
  file(CREATE_LINK ${PROJECT_SOURCE_DIR}/${data} ${PROJECT_BINARY_DIR}/share/xunfang/${data} SYMBOLIC)
endforeach()
