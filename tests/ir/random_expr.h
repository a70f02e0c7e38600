#pragma once
// Random well-typed expressions for properties of the IR.

#include <cstdint>
#include <vector>

#include "ir/nodes.h"

namespace heddle::Internal {

/** A small generator of its own: the same numbers on every machine. */
class RandomBits {
public:
    explicit RandomBits(uint64_t seed)
        : state_(seed * 0x9e3779b97f4a7c15ull + 1) {
    }
    uint64_t operator()() {
        state_ += 0x9e3779b97f4a7c15ull;
        uint64_t z = state_;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
        return z ^ (z >> 31);
    }
    int below(int n) {
        return static_cast<int>((*this)() % static_cast<uint64_t>(n));
    }

private:
    uint64_t state_;
};

class RandomExpr {
public:
    explicit RandomExpr(uint64_t seed)
        : random_(seed) {
    }

    /** An expression of this type, nested at most `depth` deep. */
    Expr make(Type t, int depth) {
        if (depth == 0) return leaf(t);
        if (t.is_vector() && random_.below(3) == 0) return vector(t, depth);
        if (t.is_bool()) return boolean(t, depth);
        const auto sub = [&] { return make(t, depth - 1); };
        switch (random_.below(12)) {
        case 0: return Add::make(sub(), sub());
        case 1: return Sub::make(sub(), sub());
        case 2: return Mul::make(sub(), sub());
        case 3: return Div::make(sub(), sub());
        case 4: return Mod::make(sub(), sub());
        case 5: return Min::make(sub(), sub());
        case 6: return Max::make(sub(), sub());
        case 7: return Select::make(make(Bool(random_.below(2) ? t.lanes() : 1), depth - 1), sub(), sub());
        case 8: return Cast::make(t, make(other(t), depth - 1));
        case 9: return let(t, depth);
        case 10: return Load::make(t, buffer_, make(Int(32, t.lanes()), depth - 1), make(Bool(t.lanes()), depth - 1));
        default: return Call::make(t, CallOp::absd, {sub(), sub()});
        }
    }

private:
    static Type other(Type t) {
        return t.element_of() == Int(32) ? UInt(8, t.lanes()) : Int(32, t.lanes());
    }

    Expr leaf(Type t) {
        if (t.is_vector()) {
            return random_.below(2) || t.is_bool() ? Broadcast::make(leaf(t.element_of()), t.lanes())
                                                   : Ramp::make(leaf(t.element_of()), leaf(t.element_of()), t.lanes());
        }
        for (const Expr &v : variables_) {
            if (v.type() == t && random_.below(3)) return v;
        }
        if (random_.below(3) == 0) {
            variables_.push_back(Variable::make(t, Symbol::fresh(random_.below(2) ? "x" : "select")));
            return variables_.back();
        }
        return make_const(t, static_cast<int64_t>(random_.below(t.is_bool() ? 2 : 100)));
    }

    Expr boolean(Type t, int depth) {
        const Type operand = Int(random_.below(2) ? 32 : 16, t.lanes());
        switch (random_.below(6)) {
        case 0: return And::make(make(t, depth - 1), make(t, depth - 1));
        case 1: return Or::make(make(t, depth - 1), make(t, depth - 1));
        case 2: return Not::make(make(t, depth - 1));
        case 3: return EQ::make(make(operand, depth - 1), make(operand, depth - 1));
        case 4: return LT::make(make(operand, depth - 1), make(operand, depth - 1));
        default: return GE::make(make(operand, depth - 1), make(operand, depth - 1));
        }
    }

    Expr let(Type t, int depth) {
        const Expr value = make(Int(32), depth - 1);
        const Symbol symbol = Symbol::fresh("t");
        variables_.push_back(Variable::make(Int(32), symbol));
        const Expr body = make(t, depth - 1);
        std::erase_if(variables_, [&](const Expr &v) { return v.as<Variable>()->symbol == symbol; });
        return Let::make(symbol, value, body);
    }

    Expr vector(Type t, int depth) {
        if (random_.below(2)) {
            IntList indices;
            for (int i = 0; i < t.lanes(); i++) indices.push_back(random_.below(2 * t.lanes()));
            return Shuffle::make({make(t, depth - 1), make(t, depth - 1)}, indices);
        }
        const ReduceOp op = t.is_bool() ? ReduceOp::Or : ReduceOp::Max;
        return VectorReduce::make(op, make(t.with_lanes(t.lanes() * 2), depth - 1), t.lanes());
    }

    RandomBits random_;
    std::vector<Expr> variables_;
    const Symbol buffer_ = Symbol::fresh("buffer");
};

}  // namespace heddle::Internal
