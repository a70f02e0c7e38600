#pragma once
// C++20, over the helpers of prelude_values.inc and prelude_memory.inc (namespace heddle_c).

#include "codegen/source/dialect.h"

namespace heddle::Internal {

class CxxDialect final : public Dialect {
public:
    bool is_reserved(const std::string &name) const override;
    std::string type(Type t) const override;
    std::string constant_declaration(Type t, const std::string &name, const std::string &value) const override;
    std::string integer(Type t, int64_t value) const override;
    std::string unsigned_integer(Type t, uint64_t value) const override;
    std::string floating(Type t, double value) const override;
    std::string text(const std::string &s) const override;
    std::string zero(Type t) const override;
    std::string operation(const std::string &name, Type result, const std::vector<Operand> &args) const override;
    std::string shuffle(Type result, const std::vector<Operand> &vectors, const IntList &indices) const override;
    std::string load(const MemoryAccess &m) const override;
    std::string store(const MemoryAccess &m, const std::string &value) const override;
    std::string atomic_update(const std::string &buffer, Type element, const std::string &index,
                              const std::string &old) const override;
    std::string element_address(const std::string &buffer, Type element, const std::string &index) const override;
    std::vector<std::string> local_array(const std::string &name, Type element, int64_t count) const override;

    /** A string literal of C. */
    static std::string quoted(const std::string &s);
};

}  // namespace heddle::Internal
