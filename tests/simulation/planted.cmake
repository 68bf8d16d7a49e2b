# Programs with a mistake in them, for the simulation and tests/explore alone: each is the product's own source with a few lines
# replaced. A simulation that does not catch them proves nothing.

# A line that can be replaced ends with `// PLANT: ANCHOR`, so that renaming what stands on it breaks nothing here.

# patched(OUT FOLDER FILE ANCHOR LINE): a copy of FILE in FOLDER with the anchored line replaced by LINE, which may be
# empty. A copy that is there already (listed in OUT) is patched further.
function(patched out folder file anchor line)
  set(copy ${folder}/${file})
  if("${copy}" IN_LIST ${out})
    file(READ ${copy} text)
  else()
    file(READ ${PROJECT_SOURCE_DIR}/${file} text)
    list(APPEND ${out} "${copy}")
  endif()
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${file})
  string(FIND "${text}" "// PLANT: ${anchor}\n" first)
  string(FIND "${text}" "// PLANT: ${anchor}\n" last REVERSE)
  if(first EQUAL -1 OR NOT first EQUAL last)
    message(FATAL_ERROR "${file} has to have the anchor ${anchor} once")
  endif()
  string(REGEX MATCH "[^\n]*// PLANT: ${anchor}\n" anchored "${text}")
  string(REPLACE "${anchored}" "${line}\n" text "${text}")
  file(CONFIGURE OUTPUT ${copy} CONTENT "${text}" @ONLY)
  set(${out} "${${out}}" PARENT_SCOPE)
endfunction()

# plant(NAME (FILE ANCHOR LINE)…): simulate-NAME.
function(plant name)
  list(APPEND BANKCONNECT_PLANTED ${name})
  set(BANKCONNECT_PLANTED ${BANKCONNECT_PLANTED} PARENT_SCOPE)
  set(sources "")
  set(at 1)
  while(at LESS ARGC)
    math(EXPR at_anchor "${at} + 1")
    math(EXPR at_line "${at} + 2")
    patched(sources ${CMAKE_CURRENT_BINARY_DIR}/planted/${name} "${ARGV${at}}" "${ARGV${at_anchor}}" "${ARGV${at_line}}")
    math(EXPR at "${at} + 3")
  endwhile()
  add_executable(simulate-${name} ${sources})
  target_link_libraries(simulate-${name} PRIVATE simulated_world)
endfunction()
