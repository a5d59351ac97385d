# xunfang_library(NAME LINK…): a static library of every .c file of this folder except *_main.c and
# main.c. A new file is part of the build without touching a list.
function(xunfang_library name)
  file(GLOB sources CONFIGURE_DEPENDS *.c)
  list(FILTER sources EXCLUDE REGEX "(^|/|_)main\\.c$")
  if(NOT sources)
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE ${ARGN})
    return()
  endif()
  add_library(${name} STATIC ${sources})
  target_link_libraries(${name} PUBLIC ${ARGN})
endfunction()

# xunfang_program(NAME MAIN LINK…): an executable behind `xunfang`.
function(xunfang_program name main)
  add_executable(${name} ${main})
  target_link_libraries(${name} PRIVATE ${ARGN})
  install(TARGETS ${name} RUNTIME DESTINATION libexec/xunfang)
endfunction()

# xunfang_proto(TARGET FILE…): generated C of .proto files of this folder; included as
# "proto/NAME.pb-c.h".
function(xunfang_proto target)
  set(generated)
  foreach(file ${ARGN})
    get_filename_component(stem ${file} NAME_WE)
    set(out ${CMAKE_CURRENT_BINARY_DIR}/${stem}.pb-c)
    add_custom_command(
      OUTPUT ${out}.c ${out}.h
      COMMAND ${PROTOC_C} --c_out=${CMAKE_CURRENT_BINARY_DIR} -I ${CMAKE_CURRENT_SOURCE_DIR}
              ${CMAKE_CURRENT_SOURCE_DIR}/${file}
      DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${file})
    list(APPEND generated ${out}.c ${out}.h)
  endforeach()
  add_library(${target} STATIC ${generated})
  target_include_directories(${target} SYSTEM PUBLIC ${CMAKE_CURRENT_BINARY_DIR})
  target_compile_options(${target} PRIVATE -w)
  target_link_libraries(${target} PUBLIC PkgConfig::PROTOBUF_C)
endfunction()
