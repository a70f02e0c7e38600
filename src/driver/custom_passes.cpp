#include "driver/custom_passes.h"

#include "ir/compare.h"
#include "ir/parse.h"
#include "ir/print.h"
#include "ir/rewrite.h"
#include "ir/verify.h"
#include "language/define.h"

namespace heddle::Internal {

namespace {

using Free = std::vector<std::pair<Symbol, Type>>;

// What the body of a function may refer to: its arguments, and the Buffers that it carries.
Free free_symbols(const LoweredFunction &f) {
    Free list;
    for (const LoweredArgument &a : f.args) list.emplace_back(a.symbol, a.argument.is_buffer() ? Handle() : a.argument.type);
    for (const EmbeddedBuffer &b : f.embedded) list.emplace_back(b.symbol, Handle());
    return list;
}

Stmt parsed(const std::string &text, const Free &free) {
    SymbolTable symbols;
    for (const auto &[symbol, type] : free) {
        symbols.add(symbol.name(), type);
        symbols.entry(symbol.name()).symbol = symbol;
    }
    return parse_stmt(text, symbols);
}

// Which of these symbols stand where, in order.
std::vector<Symbol> uses(const Stmt &s, const Free &free) {
    std::vector<Symbol> list;
    const auto add = [&](const Symbol &symbol) {
        for (const auto &entry : free) {
            if (entry.first == symbol) list.push_back(symbol);
        }
    };
    walk(
        s, [&](const Variable &v) { add(v.symbol); }, [&](const Load &l) { add(l.buffer); },
        [&](const Store &t) { add(t.buffer); });
    return list;
}

Stmt after(const CustomLoweringPass &pass, const Stmt &body, const Free &free) {
    const std::string text = to_string(body);
    // Names are told apart in order of appearance: an argument must be the one that has its name plain.
    const Stmt read = parsed(text, free);
    if (!equal_up_to_names(read, body) || uses(read, free) != uses(body, free)) {
        refuse(229, pass.name, {}, concat("the statement that the pass ", pass.name, " is to get uses one name twice"),
               "give the Funcs and inputs names of their own");
    }
    const std::string result = pass.run(text);
    try {
        const Stmt s = parsed(result, free);
        verify(s, Level::Flat, {&free, false, true, true});
        return s;
    } catch (const Error &e) {
        refuse(229, pass.name, {}, concat("the pass ", pass.name, " gives no statement for code generation: ", e.what()));
    }
}

}  // namespace

void run_custom_passes(const std::vector<CustomLoweringPass> &passes, Module &m) {
    for (LoweredFunction &f : m.functions) {
        const Free free = free_symbols(f);
        for (const CustomLoweringPass &pass : passes) f.body = after(pass, f.body, free);
    }
}

}  // namespace heddle::Internal
