# Generators and the kernels they emit at build time. Installed with the package: a project that calls
# find_package(heddle) uses the same two functions.
#
#   heddle_add_generator(TARGET SOURCES file.cpp…)
#
# TARGET becomes a program made of generators (HEDDLE_REGISTER_GENERATOR) and the shared main.
#
#   heddle_add_kernel(NAME GENERATOR TARGET
#                     [FROM generator]        the registered name, NAME by default
#                     [SCHEDULE file.json]    replaces the generator's own schedule
#                     [TARGETS target…]       host by default; several make one library that chooses at run time
#                     [PARAMS name=value…]    generator parameters
#                     [EMIT kind…])           written besides the library and its header: schedule, stmt, …
#
# NAME becomes a library target that brings NAME.h. It is emitted again when the program, libheddle or the schedule
# changes, and nothing is recompiled that did not change: NAME.h keeps its time when its text is the same. The files
# are in <binary dir>/kernels.

function(heddle_add_generator target)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES")
    if(NOT arg_SOURCES OR arg_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "heddle_add_generator(${target}): expected SOURCES file.cpp…")
    endif()
    add_executable(${target} ${arg_SOURCES})
    target_link_libraries(${target} PRIVATE heddle::generator_main heddle::heddle)
endfunction()

function(heddle_add_kernel name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "GENERATOR;FROM;SCHEDULE" "TARGETS;PARAMS;EMIT")
    if(NOT arg_GENERATOR OR arg_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "heddle_add_kernel(${name}): expected GENERATOR TARGET; "
                            "not understood: ${arg_UNPARSED_ARGUMENTS}")
    endif()
    if(NOT arg_FROM)
        set(arg_FROM ${name})
    endif()
    if(NOT arg_TARGETS)
        set(arg_TARGETS host)
    endif()
    list(TRANSFORM arg_TARGETS APPEND "-no_runtime")  # it comes once, from heddle::runtime
    list(JOIN arg_TARGETS "," targets)
    list(JOIN arg_EMIT "," emit)
    if(emit)
        set(emit ",${emit}")
    endif()

    set(dir "${CMAKE_CURRENT_BINARY_DIR}/kernels")
    set(fresh "${dir}/.emitted/${name}")
    set(schedule "")
    set(file "")
    if(arg_SCHEDULE)
        get_filename_component(file "${arg_SCHEDULE}" ABSOLUTE)
        set(schedule --schedule "${file}")
    endif()

    # Emitted beside its place and copied where different, so that an unchanged header recompiles nobody.
    add_custom_command(
        OUTPUT "${dir}/${name}.a" "${dir}/${name}.h"
        COMMAND ${CMAKE_COMMAND} -E rm -rf "${fresh}"
        COMMAND ${CMAKE_COMMAND} -E make_directory "${fresh}"
        COMMAND ${arg_GENERATOR} -g ${arg_FROM} -f ${name} -o "${fresh}" -e "static_library,c_header${emit}"
                target=${targets} ${arg_PARAMS} ${schedule}
        COMMAND ${CMAKE_COMMAND} "-DFROM=${fresh}" "-DTO=${dir}" -P "${HEDDLE_COPY_EMITTED}"
        DEPENDS ${arg_GENERATOR} heddle::heddle ${file} "${HEDDLE_COPY_EMITTED}"
        COMMENT "Emitting kernel ${name}"
        VERBATIM)
    add_custom_target(${name}_files DEPENDS "${dir}/${name}.a" "${dir}/${name}.h")

    add_library(${name} INTERFACE)
    add_dependencies(${name} ${name}_files)
    target_sources(${name} INTERFACE $<BUILD_INTERFACE:${dir}/${name}.h>)
    target_include_directories(${name} INTERFACE $<BUILD_INTERFACE:${dir}>)
    target_link_libraries(${name} INTERFACE "${dir}/${name}.a" heddle::runtime)
endfunction()

set(HEDDLE_COPY_EMITTED "${CMAKE_CURRENT_LIST_DIR}/HeddleCopyEmitted.cmake" CACHE INTERNAL "")
