# How things are built here: language level, warnings, sanitizers, ccache, the linker, and the functions that turn
# a folder of src/ into a library.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_SKIP_BUILD_RPATH OFF)
if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}/bin")
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}/lib")
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}/lib")

include(CheckLinkerFlag)
include(GNUInstallDirs)

# ccache, when present. A precompiled header is used for LLVM, hence the sloppiness; paths are taken relative to the
# checkout, so that every clone on a machine shares what one of them compiled.
find_program(HEDDLE_CCACHE ccache)
if(HEDDLE_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    set(launcher ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
                 CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${HEDDLE_CCACHE})
    set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
    set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
endif()

check_linker_flag(CXX -fuse-ld=lld HEDDLE_HAVE_LLD)
if(HEDDLE_HAVE_LLD)
    add_link_options(-fuse-ld=lld)
endif()

if(HEDDLE_SANITIZE)
    add_compile_options(-fsanitize=${HEDDLE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    add_link_options(-fsanitize=${HEDDLE_SANITIZE})
    if(HEDDLE_SANITIZE MATCHES "undefined")
        # HalideBuffer.h's for_each_value moves its pointers once more by strides that it has not set, and does not
        # use them any more. What is read or written is seen by the address sanitizer.
        add_compile_options(-fno-sanitize=pointer-overflow)
    endif()
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        # With the checks in between, GCC takes parts of <regex> and of LLVM's headers for uninitialized.
        add_compile_options(-Wno-maybe-uninitialized)
    endif()
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    # GCC 12 at -O3 takes std::string's inlined operator+ for an overlapping memcpy (GCC bug 105651), and the position
    # in HalideBuffer.h's loops over no dimension for uninitialized.
    add_compile_options(-Wno-restrict -Wno-maybe-uninitialized)
endif()

# What every target of ours is compiled with. Whether a warning stops the build is the preset's choice, except for
# an unhandled IR node kind, which always does.
function(heddle_compile_options target)
    target_compile_features(${target} PUBLIC cxx_std_20)
    target_compile_options(${target} PRIVATE
        $<$<CXX_COMPILER_ID:GNU>:-Wall -Wextra -Wshadow=local -Werror=switch>
        $<$<CXX_COMPILER_ID:Clang,AppleClang>:-Wall -Wextra -Wshadow -Werror=switch>)
endfunction()

# Include order: our compat headers (they wrap the installed HalideRuntime.h), then include/, then Halide's runtime
# headers; src/ is for our own code only.
function(heddle_include_directories target scope)
    target_include_directories(${target} ${scope}
        $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include/compat>
        $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
        $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/heddle/compat>
        $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
    target_include_directories(${target} SYSTEM ${scope} $<BUILD_INTERFACE:${HEDDLE_HALIDE_RUNTIME_INCLUDE}>)
endfunction()

set_property(GLOBAL PROPERTY HEDDLE_FOLDERS "")

# One static library heddle_<folder> from src/<folder>; it links the folders added before it. Without sources it is an
# INTERFACE library that passes them on.
function(heddle_add_folder folder)
    string(REPLACE "/" "_" name "${folder}")
    set(target heddle_${name})
    get_property(above GLOBAL PROPERTY HEDDLE_FOLDERS)
    set_property(GLOBAL APPEND PROPERTY HEDDLE_FOLDERS ${target})
    if(above)
        list(GET above -1 above)
    endif()

    file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/src/${folder}/*.cpp")
    if(NOT sources)
        add_library(${target} INTERFACE)
        target_link_libraries(${target} INTERFACE ${above} heddle_dependencies)
        heddle_include_directories(${target} INTERFACE)
        target_include_directories(${target} INTERFACE "${PROJECT_SOURCE_DIR}/src")
        return()
    endif()

    add_library(${target} STATIC ${sources})
    heddle_compile_options(${target})
    heddle_include_directories(${target} PUBLIC)
    target_include_directories(${target} PUBLIC "${PROJECT_SOURCE_DIR}/src")
    target_link_libraries(${target} PUBLIC ${above} heddle_dependencies)
    if(folder STREQUAL "codegen/llvm")
        target_link_libraries(${target} PUBLIC heddle_llvm)
        if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
            target_compile_options(${target} PRIVATE -fpch-preprocess)
        endif()
        target_precompile_headers(${target} PRIVATE
            <llvm/ExecutionEngine/Orc/LLJIT.h>
            <llvm/IR/IRBuilder.h>
            <llvm/IR/LLVMContext.h>
            <llvm/IR/Module.h>
            <llvm/IR/Verifier.h>
            <llvm/Passes/PassBuilder.h>
            <llvm/Support/TargetSelect.h>
            <llvm/Target/TargetMachine.h>)
    endif()
endfunction()

# libheddle_runtime.a: a plain C ABI with no dependency, linked into programs that call emitted kernels.
function(heddle_add_runtime)
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS
         "${PROJECT_SOURCE_DIR}/src/runtime/*.cpp" "${PROJECT_SOURCE_DIR}/src/runtime/*.c")
    if(NOT sources)
        add_library(heddle_runtime INTERFACE)
        heddle_include_directories(heddle_runtime INTERFACE)
        return()
    endif()
    find_package(Threads REQUIRED)
    add_library(heddle_runtime STATIC ${sources})
    heddle_compile_options(heddle_runtime)
    heddle_include_directories(heddle_runtime PUBLIC)
    target_include_directories(heddle_runtime PRIVATE "${PROJECT_SOURCE_DIR}/src")
    # The runtime is on the path of every kernel call: optimized in every configuration.
    target_compile_options(heddle_runtime PRIVATE
        $<$<COMPILE_LANGUAGE:CXX>:-fno-exceptions -fno-rtti -fno-threadsafe-statics> $<$<CONFIG:Debug>:-O2>)
    target_link_libraries(heddle_runtime PUBLIC Threads::Threads ${CMAKE_DL_LIBS})
    set_target_properties(heddle_runtime PROPERTIES EXPORT_NAME runtime)
endfunction()

# The driver puts the runtime into the static libraries that it writes, so it carries the archive in itself, and runs
# JIT code with it.
function(heddle_embed_runtime)
    get_target_property(runtime heddle_runtime TYPE)
    get_target_property(driver heddle_driver TYPE)
    if(runtime STREQUAL "INTERFACE_LIBRARY" OR driver STREQUAL "INTERFACE_LIBRARY")
        return()
    endif()
    set_source_files_properties("${PROJECT_SOURCE_DIR}/src/driver/runtime_archive.cpp" PROPERTIES
        COMPILE_DEFINITIONS "HEDDLE_RUNTIME_ARCHIVE=\"$<TARGET_FILE:heddle_runtime>\""
        OBJECT_DEPENDS "${CMAKE_ARCHIVE_OUTPUT_DIRECTORY}/libheddle_runtime.a")
    target_link_libraries(heddle_driver PUBLIC heddle_runtime)
endfunction()

# libheddle: every folder and the runtime in one library (the JIT finds the runtime's functions in it).
function(heddle_add_library)
    get_property(folders GLOBAL PROPERTY HEDDLE_FOLDERS)
    set(objects "")
    foreach(target IN LISTS folders ITEMS heddle_runtime)
        get_target_property(type ${target} TYPE)
        if(NOT type STREQUAL "INTERFACE_LIBRARY")
            list(APPEND objects $<TARGET_OBJECTS:${target}>)
        endif()
    endforeach()
    if(NOT objects)
        add_library(heddle INTERFACE)
        heddle_include_directories(heddle INTERFACE)
    else()
        find_package(Threads REQUIRED)
        add_library(heddle ${objects})
        heddle_include_directories(heddle PUBLIC)
        target_link_libraries(heddle PRIVATE $<BUILD_INTERFACE:heddle_llvm> $<BUILD_INTERFACE:heddle_dependencies>
                              PUBLIC Threads::Threads ${CMAKE_DL_LIBS})
        target_compile_features(heddle PUBLIC cxx_std_20)
        set_target_properties(heddle PROPERTIES LINKER_LANGUAGE CXX VERSION ${PROJECT_VERSION}
                              SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
    endif()
    add_library(heddle::heddle ALIAS heddle)
    add_library(heddle::runtime ALIAS heddle_runtime)
endfunction()

# The main() of generator programs.
function(heddle_add_generator_main)
    if(EXISTS "${PROJECT_SOURCE_DIR}/include/heddle/generator.h")
        add_library(heddle_generator_main STATIC "${PROJECT_SOURCE_DIR}/tools/generator/main.cpp")
        heddle_compile_options(heddle_generator_main)
        target_link_libraries(heddle_generator_main PUBLIC heddle)
        set_target_properties(heddle_generator_main PROPERTIES EXPORT_NAME generator_main)
        add_library(heddle::generator_main ALIAS heddle_generator_main)
    endif()
endfunction()
