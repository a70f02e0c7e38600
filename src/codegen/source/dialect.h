#pragma once
// What differs between the languages of the C family: the spelling of types, constants, operations and
// memory. CPrinter walks the IR and asks its dialect for each piece of text.

#include <string>
#include <vector>

#include "ir/nodes.h"

namespace heddle::Internal {

/** A value in the emitted program: an identifier or a constant, and its type in the IR. */
struct Operand {
    std::string text;
    Type type;
};

/** One Load or Store. */
struct MemoryAccess {
    std::string buffer;     ///< the pointer
    Type type;              ///< of the value, with its lanes
    std::string index;      ///< in elements; of the first lane when dense
    bool dense = false;     ///< the lanes are consecutive elements
    std::string predicate;  ///< empty: all lanes
};

class Dialect {
public:
    virtual ~Dialect() = default;

    /** Whether an identifier of the program may not be called so. */
    virtual bool is_reserved(const std::string &name) const = 0;

    virtual std::string type(Type t) const = 0;
    /** `type name = value;`, which is not assigned again. */
    virtual std::string constant_declaration(Type t, const std::string &name, const std::string &value) const = 0;

    // Constants of scalar types.
    virtual std::string integer(Type t, int64_t value) const = 0;
    virtual std::string unsigned_integer(Type t, uint64_t value) const = 0;
    virtual std::string floating(Type t, double value) const = 0;
    /** A handle to a C string. */
    virtual std::string text(const std::string &s) const = 0;
    /** The value all bits of which are zero, of any type. */
    virtual std::string zero(Type t) const = 0;

    /** An operation by its name: a binary node in lower case (add ... max; equal, not_equal, less, less_equal,
        greater, greater_equal; logical_and, logical_or, logical_not), select, cast, reinterpret, ramp,
        broadcast, reduce_<ReduceOp>, all (whether all lanes hold), or a CallOp that works lane by lane. */
    virtual std::string operation(const std::string &name, Type result, const std::vector<Operand> &args) const = 0;
    virtual std::string shuffle(Type result, const std::vector<Operand> &vectors, const IntList &indices) const = 0;

    virtual std::string load(const MemoryAccess &m) const = 0;
    /** A statement without its semicolon. */
    virtual std::string store(const MemoryAccess &m, const std::string &value) const = 0;
    /** How a call begins that replaces an element by what a function of its old value returns, indivisibly: up to
        the parameter `old` of that function, whose body in braces and `);` follow. */
    virtual std::string atomic_update(const std::string &buffer, Type element, const std::string &index,
                                      const std::string &old) const = 0;
    /** A handle to an element. */
    virtual std::string element_address(const std::string &buffer, Type element, const std::string &index) const = 0;
    /** Statements that make `name` a pointer to an array of the enclosing scope. */
    virtual std::vector<std::string> local_array(const std::string &name, Type element, int64_t count) const = 0;
};

}  // namespace heddle::Internal
