# cmake --install: headers, libraries and the package that find_package(heddle) reads. Also writes the compiler flags
# of the build tree for programs that are built outside CMake (./x conformance).

get_target_property(heddle_type heddle TYPE)
if(heddle_type STREQUAL "INTERFACE_LIBRARY" OR NOT TARGET heddle_generator_main)
    return()  # nothing to install yet
endif()

# For programs outside CMake; with a static libheddle they would have to name LLVM's libraries as well.
if(heddle_type STREQUAL "SHARED_LIBRARY")
    set(sanitize "")
    if(HEDDLE_SANITIZE)
        set(sanitize "-fsanitize=${HEDDLE_SANITIZE}")
    endif()
    set(link_heddle "$<TARGET_FILE:heddle> -Wl,-rpath,$<TARGET_FILE_DIR:heddle> -lpthread -ldl ${sanitize}")
    set(include "-I${PROJECT_SOURCE_DIR}/include/compat -I${PROJECT_SOURCE_DIR}/include")
    file(GENERATE OUTPUT "${PROJECT_BINARY_DIR}/heddle-flags" CONTENT
"cflags='${include} -isystem ${HEDDLE_HALIDE_RUNTIME_INCLUDE} ${sanitize}'
ldflags='${link_heddle}'
gen_ldflags='$<TARGET_FILE:heddle_generator_main> ${link_heddle}'
aot_ldflags='$<TARGET_FILE:heddle_runtime> -lpthread -ldl ${sanitize}'
")
endif()

include(CMakePackageConfigHelpers)
set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/heddle")
install(TARGETS heddle_command RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS heddle heddle_runtime heddle_generator_main EXPORT heddle
        RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR}
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY include/heddle DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY include/compat/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/heddle/compat)
install(EXPORT heddle NAMESPACE heddle:: FILE heddleTargets.cmake DESTINATION ${package_dir})
configure_package_config_file(cmake/heddleConfig.cmake.in "${PROJECT_BINARY_DIR}/heddleConfig.cmake"
                              INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file("${PROJECT_BINARY_DIR}/heddleConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/heddleConfig.cmake" "${PROJECT_BINARY_DIR}/heddleConfigVersion.cmake"
              cmake/HeddleKernel.cmake cmake/HeddleCopyEmitted.cmake
        DESTINATION ${package_dir})
