#include "support_lib/shared_object.h"

#include <dlfcn.h>
#include <stdlib.h>

#include <fstream>
#include <sstream>

#ifndef HEDDLE_SANITIZE_FLAGS
#define HEDDLE_SANITIZE_FLAGS ""
#endif

namespace heddle::testing {

TemporaryFolder::TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "heddle_test_XXXXXX").string();
    if (!mkdtemp(pattern.data())) throw std::runtime_error("cannot make the folder " + pattern);
    path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
    if (std::getenv("HEDDLE_KEEP_FILES")) return;
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

SharedObject::SharedObject(const TemporaryFolder &folder, const std::string &name, const std::vector<std::filesystem::path> &files,
                           const std::string &flags) {
    const char *more = std::getenv("HEDDLE_SOURCE_FLAGS");
    const std::filesystem::path so = folder / (name + ".so"), log = folder / (name + ".log");
    std::string command = std::string(HEDDLE_CXX_COMPILER) + " -std=c++20 -ffp-contract=off -fPIC -shared -Wall -Wextra -Werror " HEDDLE_SANITIZE_FLAGS " " +
                          flags + " " + (more ? more : "") + " -I" + HEDDLE_SOURCE_DIR + "/include/compat -isystem " +
                          HEDDLE_HALIDE_RUNTIME_INCLUDE + " -o '" + so.string() + "'";
    for (const std::filesystem::path &file : files) command += " '" + file.string() + "'";
    if (std::system((command + " 2> '" + log.string() + "'").c_str()) != 0) {
        std::stringstream messages;
        messages << std::ifstream(log).rdbuf();
        throw std::runtime_error("what was emitted does not compile:\n" + messages.str().substr(0, 4000));
    }
    library_ = dlopen(so.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!library_) throw std::runtime_error(dlerror());
}

SharedObject::~SharedObject() {
    if (library_) dlclose(library_);
}

void *SharedObject::address(const std::string &name) const {
    void *f = dlsym(library_, name.c_str());
    if (!f) throw std::runtime_error("what was emitted has no function " + name);
    return f;
}

}  // namespace heddle::testing
