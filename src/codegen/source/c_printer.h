#pragma once
// IR at flat level as text of a C-family language: what host code and kernels have in common. Each node
// becomes one constant of the emitted program, in the order of evaluation; only names and literals stand
// inside other expressions. Statements and calls that only host code has are left to a subclass.
//
// Names: each binding gets an identifier of its own within a function, made from its display name.

#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "codegen/source/dialect.h"
#include "heddle/target.h"
#include "ir/scope.h"

namespace heddle::Internal {

class CPrinter {
public:
    CPrinter(const Dialect &dialect, const Target &target)
        : dialect_(dialect), target_(target) {
    }
    virtual ~CPrinter() = default;

protected:
    struct Binding {
        std::string name;
        Type type;
        bool is_text = false;  ///< a handle that stringify or a string constant gave
    };
    /** What is being written: one function. */
    struct Body {
        std::string text;
        std::string slots;  ///< declarations at the top of the function: what must live as long as it runs
        std::unordered_set<std::string> names;
        Scope<Binding> scope;
    };

    void stmt(const Stmt &s);
    /** Writes what computes e; gives the identifier or literal that has its value. */
    std::string value(const Expr &e);
    Operand operand(const Expr &e) {
        return {value(e), e.type()};
    }
    std::vector<Operand> operands(const ExprList &list);
    /** A constant of the emitted program with this value; its name. */
    std::string define(Type t, const std::string &text, const std::string &base = "t");
    void line(const std::string &text);
    void open(const std::string &text);
    void close(const std::string &text = "}");
    /** An identifier that nothing else in the function has. */
    std::string fresh(const std::string &base);
    /** To be called before the values of a statement are asked for: what they share is computed once. */
    void region(const ExprList &roots);
    const Binding &lookup(const Symbol &s) const;
    bool is_text(const Expr &e) const;

    // Host code.
    virtual std::string host_call(const Call &c);
    virtual void assertion(const Assert &n);
    virtual void parallel_loop(const For &n);
    /** A Fork or an Acquire. */
    virtual void run_tasks(const Stmt &s);
    virtual void heap_allocation(const Allocate &n);
    /** Memory that is given back when the body is left. */
    virtual void view(const View &n);
    /** Leaves the function with the value of an int32. */
    virtual void leave(const Expr &code);

    const Dialect &dialect_;
    const Target &target_;
    Body body_;
    int indent_ = 1;

private:
    std::string compute(const Expr &e);
    std::string operation(const char *name, const Expr &e, const ExprList &args);
    std::string let(const Let &n);
    std::string load(const Load &n);
    std::string call(const Call &c);
    std::string if_then_else(const Call &c);
    std::string require(const Call &c);
    std::string target_query(const Call &c);

    void loop(const For &n);
    void atomic(const Atomic &n);
    void store(const Store &n);
    void store_values(const Store &n, bool all_lanes);
    void allocate(const Allocate &n);
    void branch(const If &n);

    // Within one statement without side effects, a node that is used twice is computed once.
    bool sharing_ = false;
    std::unordered_map<const ExprNode *, std::string> shared_;
    std::vector<const ExprNode *> shared_order_;
    std::vector<Expr> kept_;  ///< expressions made here, which shared_ may point into
};

/** Whether the allocation is of a constant size and belongs on the stack; *elements (at least 1) is the size. */
bool is_stack_allocation(const Allocate &n, int64_t *elements);

}  // namespace heddle::Internal
