# What Heddle is built on. LLVM is reached through heddle_llvm, everything else through heddle_dependencies.

find_package(LLVM 22.1 REQUIRED CONFIG HINTS /usr/lib/llvm-22)
if(HEDDLE_LLVM_STATIC)
    set(components core support passes orcjit analysis target mc asmparser bitwriter linker
                   X86 AArch64 RISCV WebAssembly)
    llvm_map_components_to_libnames(heddle_llvm_libraries ${components})
else()
    set(heddle_llvm_libraries LLVM)
endif()
add_library(heddle_llvm INTERFACE)
separate_arguments(definitions NATIVE_COMMAND "${LLVM_DEFINITIONS}")
target_compile_definitions(heddle_llvm INTERFACE ${definitions})
target_include_directories(heddle_llvm SYSTEM INTERFACE $<BUILD_INTERFACE:${LLVM_INCLUDE_DIRS}>)
target_link_libraries(heddle_llvm INTERFACE ${heddle_llvm_libraries})

# HalideRuntime.h and HalideBuffer.h: the ABI of kernels (Debian: libhalide14-0-dev).
find_path(HEDDLE_HALIDE_RUNTIME_INCLUDE HalideRuntime.h PATH_SUFFIXES halide14 halide Halide REQUIRED)

find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
add_library(heddle_dependencies INTERFACE)
target_link_libraries(heddle_dependencies INTERFACE fmt::fmt nlohmann_json::nlohmann_json CLI11::CLI11)

if(HEDDLE_BUILD_TESTS)
    find_package(GTest REQUIRED)
    find_package(Z3 QUIET CONFIG)
    if(NOT TARGET z3::libz3)
        find_path(Z3_INCLUDE z3++.h REQUIRED)
        find_library(Z3_LIBRARY z3 REQUIRED)
        add_library(z3::libz3 UNKNOWN IMPORTED)
        set_target_properties(z3::libz3 PROPERTIES IMPORTED_LOCATION "${Z3_LIBRARY}"
                              INTERFACE_INCLUDE_DIRECTORIES "${Z3_INCLUDE}")
    endif()
endif()
if(HEDDLE_BUILD_BENCH)
    find_package(benchmark REQUIRED)
endif()
if(HEDDLE_BUILD_DEMO OR HEDDLE_BUILD_TESTS)
    find_package(PNG REQUIRED)
endif()
