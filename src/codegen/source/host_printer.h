#pragma once
// Host functions as C++: what CPrinter leaves open (assertions, the heap, parallel loops, halide_buffer_t,
// text, C functions), and the functions around a body.

#include <map>
#include <string>

#include "codegen/source/c_printer.h"
#include "codegen/source/cxx_dialect.h"
#include "ir/module.h"
#include "ir/tasks.h"

namespace heddle::Internal {

class HostPrinter final : public CPrinter {
public:
    explicit HostPrinter(const Target &target)
        : CPrinter(cxx_, target) {
    }

    /** Writes `int name(arguments)`, with the tasks of its parallel loops in front. */
    void function(const LoweredFunction &f);

    /** Declarations of the C functions that are called, and the functions written so far. */
    const std::string &declarations() const {
        return declarations_;
    }
    const std::string &functions() const {
        return functions_;
    }

protected:
    std::string host_call(const Call &c) override;
    void assertion(const Assert &n) override;
    void parallel_loop(const For &n) override;
    void run_tasks(const Stmt &s) override;
    void heap_allocation(const Allocate &n) override;
    void view(const View &n) override;
    void leave(const Expr &code) override;

private:
    std::string call_alias(const std::string &name, Type result, const std::vector<Type> &args);
    std::string extern_call(const Call &c);
    std::string buffer_call(const Call &c);
    std::string shape_arguments(const Call &c, size_t first);
    std::string stringify(const Call &c);
    std::string make_struct(const Call &c);
    std::string trace(const Call &c);
    std::string prefetch(const Call &c);
    std::string buffer_create(const Call &c);
    std::string address_of(const Expr &load);
    void slot(const std::string &declaration);
    std::string semaphore_call(const Call &c);
    /** What a body uses from outside, in a struct. */
    struct Closure {
        std::string id, values;  ///< its number; the values of its fields
    };
    /** Writes a function that runs `body`: `signature(id)` is its head, `prologue` its first lines. */
    template<typename Signature, typename Prologue>
    Closure task_function(const Stmt &body, const Symbol &loop, const std::string &what, const Signature &signature,
                          const Prologue &prologue);
    std::string one_task(const RuntimeTask &t);

    CxxDialect cxx_;
    std::string declarations_, functions_, kernel_;
    std::map<std::string, std::string> aliases_;  ///< by name and signature
    int tasks_ = 0;
};

/** Its declaration, with the C ABI: buffers as halide_buffer_t *, scalars by value. */
std::string c_prototype(const LoweredFunction &f);

}  // namespace heddle::Internal
