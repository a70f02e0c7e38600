#pragma once
// Reads the text form of the IR (its grammar is at the top of text.h).
//
// parse(print(x)) equals x up to names. Within one text, and within all texts parsed with one
// SymbolTable, a name is one symbol. A name that is neither bound nor in the table becomes a free
// symbol: an int32 unless the text gives its type. Errors are CompileErrors that begin with line:column.

#include <map>
#include <string>
#include <string_view>

#include "ir/nodes.h"

namespace heddle::Internal {

class SymbolTable {
public:
    struct Entry {
        Symbol symbol;
        Type type;           ///< as a Variable; undefined while it did not occur as one
        Types elements;      ///< as a buffer, per value
        bool bound = false;  ///< by a let, a loop, a realize or an allocate in some text
    };

    /** The symbol called name, made when there is none. */
    Entry &entry(const std::string &name);
    void add(const std::string &name, Type type);
    void add_buffer(const std::string &name, Types elements);

    /** What a parsed text calls by this name; it must exist. */
    const Symbol &symbol(const std::string &name) const;
    Expr variable(const std::string &name) const;

    const std::map<std::string, Entry> &entries() const {
        return entries_;
    }

private:
    std::map<std::string, Entry> entries_;
};

Expr parse_expr(std::string_view text, SymbolTable &symbols);
Stmt parse_stmt(std::string_view text, SymbolTable &symbols);

}  // namespace heddle::Internal
