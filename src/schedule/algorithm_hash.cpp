#include "schedule/algorithm_hash.h"

#include <bit>
#include <cstdio>
#include <unordered_map>

#include "ir/rewrite.h"
#include "language/parameter.h"
#include "language/reachable.h"

namespace heddle::Internal {

namespace {

// Mixes 64-bit words; nothing in it depends on the machine.
class Mixer {
public:
    void word(uint64_t x) {
        state_ ^= x + 0x9e3779b97f4a7c15ULL + (state_ << 6) + (state_ >> 2);
        state_ = (state_ ^ (state_ >> 30)) * 0xbf58476d1ce4e5b9ULL;
        state_ = (state_ ^ (state_ >> 27)) * 0x94d049bb133111ebULL;
        state_ ^= state_ >> 31;
    }
    void text(const std::string &s) {
        word(s.size());
        for (unsigned char c : s) {
            word(c);
        }
    }
    uint64_t value() const {
        return state_;
    }

private:
    uint64_t state_ = 0x6865646c6c650001ULL;
};

class AlgorithmHasher {
public:
    explicit AlgorithmHasher(const Functions &reached) {
        for (const auto &f : reached) {
            func_index_.emplace(f->symbol, func_index_.size());
        }
    }

    void function(const Function &f) {
        local_.clear();
        memo_.clear();
        for (const Symbol &a : f.arg_symbols) {
            number(a);
        }
        mix_.word(f.args.size());
        for (int s = 0; s < f.stages(); s++) {
            stage(f.stage(s));
        }
    }
    void output(const Function &f) {
        mix_.word(func_index_.at(f.symbol));
    }
    uint64_t value() const {
        return mix_.value();
    }

private:
    void stage(const Definition &def) {
        mix_.text("stage");
        if (def.rdom) {
            for (const ReductionVariable &r : def.rdom->variables) {
                number(r.symbol);
            }
            for (const ReductionVariable &r : def.rdom->variables) {
                mix_.text("rvar");
                mix_.word(is_const(r.min) ? 0 : of(r.min));
                mix_.word(is_const(r.extent) ? 0 : of(r.extent));
            }
        }
        for (const Expr &e : def.args)
            mix_.word(of(e));
        for (const Expr &e : def.values)
            mix_.word(of(e));
        mix_.word(of(def.predicate));
    }

    // Symbols are told apart by the order in which a definition meets them.
    uint64_t number(const Symbol &s) {
        return local_.emplace(s, local_.size()).first->second;
    }
    uint64_t parameter(const ParameterContents &p) {
        return parameters_.emplace(p.symbol, parameters_.size()).first->second;
    }

    uint64_t of(const Expr &e) {
        if (!e.defined()) return 1;
        if (const auto it = memo_.find(e.get()); it != memo_.end()) return it->second;
        Mixer m;
        m.text(to_string(e.get()->kind));
        mix(m, e.type());
        fields(m, e);
        memo_.emplace(e.get(), m.value());
        return m.value();
    }

    void fields(Mixer &m, const Expr &e) {
        if (const Variable *v = e.as<Variable>()) return variable(m, *v);
        if (const Access *a = e.as<Access>()) return access(m, *a);
        switch (e.get()->kind) {
#define F(type, name) mix(m, n.name);
#define HEDDLE_EXPR(Name, levels, FIELDS, MAKE, doc)                                               \
    case NodeKind::Name: {                                                                         \
        [[maybe_unused]] const Name &n = *e.as<Name>();                                            \
        FIELDS                                                                                     \
        return;                                                                                    \
    }
#define HEDDLE_STMT(Name, levels, FIELDS, MAKE, doc)                                               \
    case NodeKind::Name:                                                                           \
        return;
#include "ir/nodes.def"
#undef HEDDLE_EXPR
#undef HEDDLE_STMT
#undef F
        }
    }

    void variable(Mixer &m, const Variable &v) {
        const std::shared_ptr<const ParameterContents> p = parameter_of(v);
        if (!p) return m.word(number(v.symbol));
        m.text("parameter");
        m.word(parameter(*p));
        for (size_t d = 0; d < p->dim_symbols.size(); d++) {
            const ParameterContents::DimSymbols &s = p->dim_symbols[d];
            if (v.symbol == s.min) m.word(3 * d + 1);
            if (v.symbol == s.extent) m.word(3 * d + 2);
            if (v.symbol == s.stride) m.word(3 * d + 3);
        }
    }

    void access(Mixer &m, const Access &a) {
        if (const auto f = func_index_.find(a.buffer); f != func_index_.end()) {
            m.text("func");
            m.word(f->second);
        } else if (const auto p = parameter_of(a)) {
            m.text("parameter");
            m.word(parameter(*p));
            mix(m, p->type);
        } else {
            m.word(number(a.buffer));
        }
        mix(m, a.value_index);
        mix(m, a.args);
    }

    void mix(Mixer &m, const Expr &e) {
        m.word(of(e));
    }
    void mix(Mixer &m, const ExprList &list) {
        m.word(list.size());
        for (const Expr &e : list)
            m.word(of(e));
    }
    void mix(Mixer &m, const Type &t) {
        m.word(static_cast<uint64_t>(t.code()) << 40 | static_cast<uint64_t>(t.bits()) << 32 |
               static_cast<uint32_t>(t.lanes()));
    }
    void mix(Mixer &m, const Symbol &s) {
        m.word(number(s));
    }
    void mix(Mixer &m, const IntList &list) {
        m.word(list.size());
        for (int i : list)
            mix(m, i);
    }
    void mix(Mixer &m, const std::string &s) {
        m.text(s);
    }
    void mix(Mixer &m, int x) {
        m.word(static_cast<uint64_t>(static_cast<int64_t>(x)));
    }
    void mix(Mixer &m, int64_t x) {
        m.word(static_cast<uint64_t>(x));
    }
    void mix(Mixer &m, uint64_t x) {
        m.word(x);
    }
    void mix(Mixer &m, double x) {
        m.word(std::bit_cast<uint64_t>(x));
    }
    void mix(Mixer &m, CallOp op) {
        m.text(to_string(op));
    }
    void mix(Mixer &m, ReduceOp op) {
        m.text(to_string(op));
    }
    void mix(Mixer &m, const Alignment &a) {
        mix(m, a.modulus);
        mix(m, a.remainder);
    }
    void mix(Mixer &, const Owner &) {
    }

    std::unordered_map<Symbol, uint64_t> func_index_, parameters_, local_;
    std::unordered_map<const ExprNode *, uint64_t> memo_;
    Mixer mix_;
};

}  // namespace

std::string algorithm_hash(const std::vector<std::shared_ptr<const Function>> &outputs) {
    const Functions reached = functions_reached(outputs);
    AlgorithmHasher hasher(reached);
    for (const auto &f : reached)
        hasher.function(*f);
    for (const auto &f : outputs)
        hasher.output(*f);
    char text[20];
    std::snprintf(text, sizeof(text), "%016llx", static_cast<unsigned long long>(hasher.value()));
    return text;
}

}  // namespace heddle::Internal
