#pragma once
// Emitted files made into a shared object by the compiler that builds the tests, and loaded into the process.

#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace heddle::testing {

/** A new folder for temporary files. It is deleted at the end, unless HEDDLE_KEEP_FILES=1 keeps it for people who
    look into a failure. */
class TemporaryFolder {
public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder &) = delete;
    TemporaryFolder &operator=(const TemporaryFolder &) = delete;

    std::filesystem::path operator/(const std::string &name) const {
        return path_ / name;
    }

private:
    std::filesystem::path path_;
};

/** C++ sources as Heddle emits them (every warning is an error) and objects, linked together and loaded until the
    end. HEDDLE_SOURCE_FLAGS are more flags for the compiler. */
class SharedObject {
public:
    /** Writes `folder`/`name`.so; a std::runtime_error with the compiler's messages when it cannot. */
    SharedObject(const TemporaryFolder &folder, const std::string &name, const std::vector<std::filesystem::path> &files,
                 const std::string &flags);
    ~SharedObject();
    SharedObject(const SharedObject &) = delete;
    SharedObject &operator=(const SharedObject &) = delete;

    template<typename F>
    F *function(const std::string &name) const {
        return reinterpret_cast<F *>(address(name));
    }
    /** Calls a kernel by its entry for argument vectors. */
    int run(const std::string &name, std::vector<void *> argv) const {
        return function<int(void **)>(name + "_argv")(argv.data());
    }

private:
    void *address(const std::string &name) const;
    void *library_ = nullptr;
};

}  // namespace heddle::testing
