# cmake --install: headers, libraries and the package that find_package(heddle) reads. Also writes the compiler flags
# of the build tree for programs that are built outside CMake (./x conformance).

get_target_property(heddle_type heddle TYPE)
if(heddle_type STREQUAL "INTERFACE_LIBRARY" OR NOT TARGET heddle_generator_main)
    return()  # nothing to install yet
endif()

set(sanitize_flags "")
if(HEDDLE_SANITIZE)
    set(sanitize_flags " -fsanitize=${HEDDLE_SANITIZE}")
endif()
set(with_llvm "")
if(heddle_type STREQUAL "STATIC_LIBRARY")
    set(with_llvm " -L${LLVM_LIBRARY_DIR} -Wl,-rpath,${LLVM_LIBRARY_DIR} -lLLVM-22 -lfmt")
endif()
set(link_heddle "$<TARGET_FILE:heddle> -Wl,-rpath,$<TARGET_FILE_DIR:heddle>${with_llvm} -lpthread -ldl${sanitize_flags}")
file(GENERATE OUTPUT "${PROJECT_BINARY_DIR}/heddle-flags" CONTENT
"cflags='-I${PROJECT_SOURCE_DIR}/include/compat -I${PROJECT_SOURCE_DIR}/include -isystem ${HEDDLE_HALIDE_RUNTIME_INCLUDE}${sanitize_flags}'
ldflags='${link_heddle}'
gen_ldflags='$<TARGET_FILE:heddle_generator_main> ${link_heddle}'
aot_ldflags='$<TARGET_FILE:heddle_runtime> -lpthread -ldl${sanitize_flags}'
")

include(CMakePackageConfigHelpers)
set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/heddle")
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
