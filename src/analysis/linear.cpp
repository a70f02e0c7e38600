// Linear forms. The region of sums at the root of an expression may be a graph with shared nodes, so
// coefficients are pushed from the root downwards in topological order, each node once.

#include "analysis/linear.h"

#include <algorithm>
#include <unordered_map>

#include "analysis/int_math.h"
#include "ir/compare.h"

namespace heddle::Internal {

bool has_linear_form(Type t) {
    return t.is_int_or_uint() && t.bits() > 1;
}

bool constant_bits(const Expr &e, int64_t *value) {
    if (const auto *i = e.as<IntImm>()) {
        *value = i->value;
        return true;
    }
    if (const auto *u = e.as<UIntImm>()) {
        *value = wrap_signed(static_cast<int64_t>(u->value), u->type.bits());
        return true;
    }
    if (const auto *b = e.as<Broadcast>()) return constant_bits(b->value, value);
    return false;
}

int compare_atoms(const Expr &a, const Expr &b) {
    if (a.same_as(b)) return 0;
    // Broadcasts and plain symbols come first; what is expensive to compare comes last.
    const auto rank = [](const Expr &e) {
        return e.as<Variable>() ? 0 : e.as<Broadcast>() ? 1 : e.as<Ramp>() ? 2 : 3;
    };
    const int ra = rank(a), rb = rank(b);
    if (ra != rb) return ra < rb ? -1 : 1;
    // The order of the lanes' values is the order of the vectors, so that gathering them keeps it.
    const auto *ba = a.as<Broadcast>(), *bb = b.as<Broadcast>();
    if (ba && bb && ba->lanes == bb->lanes) return compare_atoms(ba->value, bb->value);
    const auto *pa = a.as<Ramp>(), *pb = b.as<Ramp>();
    if (pa && pb && pa->lanes == pb->lanes) {
        if (int c = compare_atoms(pa->stride, pb->stride)) return c;
    }
    return compare(a, b);
}

int64_t LinearForm::coefficient_of(const Expr &atom) const {
    auto it = std::lower_bound(terms.begin(), terms.end(), atom, [](const Term &t, const Expr &e) {
        return compare_atoms(t.atom, e) < 0;
    });
    return it != terms.end() && compare_atoms(it->atom, atom) == 0 ? it->coefficient : 0;
}

namespace {

int64_t wrap(int64_t x, Type t) {
    return wrap_signed(x, t.bits());
}

// Sorts the terms and merges those of equal atoms.
void normalize(LinearForm &f) {
    auto &terms = f.terms;
    const auto less = [](const auto &a, const auto &b) { return compare_atoms(a.atom, b.atom) < 0; };
    if (!std::is_sorted(terms.begin(), terms.end(), less)) std::sort(terms.begin(), terms.end(), less);
    size_t kept = 0;
    for (size_t i = 0; i < terms.size();) {
        LinearForm::Term t = terms[i++];
        while (i < terms.size() && compare_atoms(terms[i].atom, t.atom) == 0) {
            t.coefficient = wrapping_add(t.coefficient, terms[i++].coefficient);
        }
        t.coefficient = wrap(t.coefficient, f.type);
        if (t.coefficient != 0) terms[kept++] = std::move(t);
    }
    terms.resize(kept);
    f.constant = wrap(f.constant, f.type);
}

// Adds coefficient * e to the (unsorted) form, e being a leaf of the sum: an atom, a constant or a vector
// that is taken apart.
void add_leaf(LinearForm &f, const Expr &e, int64_t coefficient);

// Adds coefficient * e, where e may be any sum.
void add_sum(LinearForm &f, const Expr &e, int64_t coefficient) {
    LinearForm part = collect_linear(e, [](const Expr &leaf) { return leaf; });
    for (auto &t : part.terms) {
        f.terms.push_back({std::move(t.atom), wrapping_mul(t.coefficient, coefficient)});
    }
    f.constant = wrapping_add(f.constant, wrapping_mul(part.constant, coefficient));
}

void add_leaf(LinearForm &f, const Expr &e, int64_t coefficient) {
    int64_t c = 0;
    if (constant_bits(e, &c)) {
        f.constant = wrapping_add(f.constant, wrapping_mul(c, coefficient));
    } else if (const auto *b = e.as<Broadcast>()) {
        LinearForm inner;
        inner.type = b->value.type();
        add_sum(inner, b->value, 1);
        for (const auto &t : inner.terms) {
            const auto *nested = t.atom.as<Broadcast>();  // Broadcast of Broadcast is one Broadcast
            Expr atom = nested ? Broadcast::make(nested->value, nested->lanes * b->lanes) :
                                 Broadcast::make(t.atom, b->lanes);
            f.terms.push_back({std::move(atom), wrapping_mul(t.coefficient, coefficient)});
        }
        f.constant = wrapping_add(f.constant, wrapping_mul(inner.constant, coefficient));
    } else if (const auto *r = e.as<Ramp>()) {
        if (!is_const(r->base, 0)) add_leaf(f, Broadcast::make(r->base, r->lanes), coefficient);
        const Type t = r->base.type();
        LinearForm stride;
        stride.type = t;
        add_sum(stride, r->stride, 1);
        for (const auto &s : stride.terms) {
            f.terms.push_back({Ramp::make(make_zero(t), s.atom, r->lanes), wrapping_mul(s.coefficient, coefficient)});
        }
        if (stride.constant) {
            f.terms.push_back({Ramp::make(make_zero(t), make_one(t), r->lanes), wrapping_mul(stride.constant, coefficient)});
        }
    } else {
        f.terms.push_back({e, coefficient});
    }
}

// The nodes of the sum at the root of e, each after its operands, and which of them are leaves.
class SumRegion {
public:
    struct Entry {
        Expr e;
        int64_t coefficient = 0;
    };
    std::vector<Entry> order;
    std::unordered_map<const ExprNode *, size_t> index;

    explicit SumRegion(const Expr &root) {
        // An explicit stack: sums of thousands of terms are nested as deep.
        std::vector<std::pair<Expr, int>> stack{{root, 0}};
        while (!stack.empty()) {
            auto &[e, next] = stack.back();
            Expr child = next < 2 ? operand(e, next++) : Expr();
            if (child.defined()) {
                if (!index.count(child.get())) stack.emplace_back(std::move(child), 0);
            } else if (next >= 2) {
                if (index.emplace(e.get(), order.size()).second) order.push_back({e, 0});
                stack.pop_back();
            }
        }
    }

    void push(const Expr &e, int64_t coefficient) {
        Entry &entry = order[index.at(e.get())];
        entry.coefficient = wrapping_add(entry.coefficient, coefficient);
    }

    // The i-th operand of e that belongs to the sum, or nothing.
    static Expr operand(const Expr &e, int i) {
        int64_t c;
        if (const auto *add = e.as<Add>()) return i == 0 ? add->a : add->b;
        if (const auto *sub = e.as<Sub>()) return i == 0 ? sub->a : sub->b;
        if (const auto *mul = e.as<Mul>()) {
            if (i == 0 && constant_bits(mul->b, &c)) return mul->a;
            if (i == 0 && constant_bits(mul->a, &c)) return mul->b;
        }
        return Expr();
    }
};

}  // namespace

LinearForm collect_linear(const Expr &e, const std::function<Expr(const Expr &)> &leaf) {
    LinearForm f;
    f.type = e.type();
    if (!e.as<Add>() && !e.as<Sub>() && !e.as<Mul>()) {
        Expr r = leaf(e);
        if (r.as<Add>() || r.as<Sub>() || r.as<Mul>()) {
            add_sum(f, r, 1);
        } else {
            add_leaf(f, r, 1);
        }
        normalize(f);
        return f;
    }
    SumRegion region(e);
    region.push(e, 1);
    for (size_t i = region.order.size(); i-- > 0;) {
        const Expr node = region.order[i].e;
        const int64_t k = wrap(region.order[i].coefficient, f.type);
        int64_t c = 0;
        if (const auto *add = node.as<Add>()) {
            region.push(add->a, k);
            region.push(add->b, k);
        } else if (const auto *sub = node.as<Sub>()) {
            region.push(sub->a, k);
            region.push(sub->b, wrapping_sub(0, k));
        } else if (const auto *mul = node.as<Mul>(); mul && constant_bits(mul->b, &c)) {
            region.push(mul->a, wrapping_mul(k, c));
        } else if (mul && constant_bits(mul->a, &c)) {
            region.push(mul->b, wrapping_mul(k, c));
        } else if (k != 0) {
            Expr r = leaf(node);
            if (!r.same_as(node) && (r.as<Add>() || r.as<Sub>() || r.as<Mul>())) {
                add_sum(f, r, k);
            } else {
                add_leaf(f, r, k);
            }
        }
    }
    normalize(f);
    return f;
}

bool as_linear(const Expr &e, LinearForm *form) {
    if (!has_linear_form(e.type())) return false;
    *form = collect_linear(e, [](const Expr &leaf) { return leaf; });
    return true;
}

namespace {

// a + k * b as an expression; a may be undefined (zero).
Expr append(Expr a, const Expr &b, int64_t k) {
    const Type t = b.type();
    // For wrapping types a coefficient near the top is a small negative one.
    bool negative = k < 0;
    if (t.is_uint() && negative) {
        const uint64_t magnitude = static_cast<uint64_t>(-k), as_unsigned = wrap_unsigned(static_cast<uint64_t>(k), t.bits());
        negative = magnitude < as_unsigned / 8;
    }
    if (negative && (a.defined() || k == -1) && k != INT64_MIN) {
        Expr term = k == -1 ? b : Mul::make(b, make_const(t, -k));
        return Sub::make(a.defined() ? a : make_zero(t), term);
    }
    Expr term = k == 1 ? b : Mul::make(b, make_const(t, k));
    return a.defined() ? Add::make(a, term) : term;
}

bool is_int_min(int64_t c, Type t) {
    return wrap_signed(c, t.bits()) == wrap_signed(wrapping_sub(0, c), t.bits()) && c != 0;
}

Expr sum_of_terms(const std::vector<LinearForm::Term> &terms, int64_t constant, Type type) {
    Expr e;
    for (const auto &t : terms) {
        if (t.coefficient > 0) e = append(e, t.atom, t.coefficient);
    }
    const bool constant_leads = !e.defined() && constant > 0;
    if (constant_leads) e = make_const(type, constant);
    for (const auto &t : terms) {
        if (t.coefficient < 0) e = append(e, t.atom, t.coefficient);
    }
    if (!e.defined()) return make_const(type, constant);
    if (constant == 0 || constant_leads) return e;
    if (constant < 0 && !is_int_min(constant, type) &&
        (type.is_int() || constant > -16)) {
        return Sub::make(e, make_const(type, -constant));
    }
    return Add::make(e, make_const(type, constant));
}

}  // namespace

Expr to_expr(const LinearForm &form) {
    const Type type = form.type;
    if (type.is_scalar()) return sum_of_terms(form.terms, form.constant, type);
    // Broadcasts (of scalars) are gathered into one scalar sum, ramps that start at zero into one stride.
    std::vector<LinearForm::Term> broadcasts, strides, others;
    for (const auto &t : form.terms) {
        const auto *b = t.atom.as<Broadcast>();
        const auto *r = t.atom.as<Ramp>();
        if (b && b->value.type().is_scalar()) {
            broadcasts.push_back({b->value, t.coefficient});
        } else if (r && r->base.type().is_scalar() && is_const(r->base, 0)) {
            strides.push_back({r->stride, t.coefficient});
        } else {
            others.push_back(t);
        }
    }
    const Type scalar = type.element_of();
    int64_t stride_constant = 0;
    std::erase_if(strides, [&](const auto &t) {
        int64_t c = 0;
        if (!constant_bits(t.atom, &c)) return false;
        stride_constant = wrapping_add(stride_constant, wrapping_mul(c, t.coefficient));
        return true;
    });
    if (strides.empty() && wrap(stride_constant, type) == 0) {
        if (broadcasts.empty()) return sum_of_terms(others, form.constant, type);
        Expr uniform = Broadcast::make(sum_of_terms(broadcasts, form.constant, scalar), type.lanes());
        return others.empty() ? uniform : Add::make(sum_of_terms(others, 0, type), uniform);
    }
    Expr ramp = Ramp::make(sum_of_terms(broadcasts, form.constant, scalar),
                           sum_of_terms(strides, wrap(stride_constant, type), scalar), type.lanes());
    return others.empty() ? ramp : Add::make(sum_of_terms(others, 0, type), ramp);
}

LinearForm operator+(const LinearForm &a, const LinearForm &b) {
    LinearForm f;
    f.type = a.type;
    f.terms.reserve(a.terms.size() + b.terms.size());
    std::merge(a.terms.begin(), a.terms.end(), b.terms.begin(), b.terms.end(), std::back_inserter(f.terms),
               [](const auto &x, const auto &y) { return compare_atoms(x.atom, y.atom) < 0; });
    f.constant = wrapping_add(a.constant, b.constant);
    normalize(f);
    return f;
}

LinearForm scale(const LinearForm &a, int64_t factor) {
    LinearForm f = a;
    for (auto &t : f.terms) t.coefficient = wrapping_mul(t.coefficient, factor);
    f.constant = wrapping_mul(f.constant, factor);
    normalize(f);
    return f;
}

LinearForm operator-(const LinearForm &a, const LinearForm &b) {
    return a + scale(b, -1);
}

void add_to(LinearForm &form, const Expr &e, int64_t coefficient) {
    add_sum(form, e, coefficient);
    normalize(form);
}

bool same_terms(const LinearForm &a, const LinearForm &b) {
    return std::equal(a.terms.begin(), a.terms.end(), b.terms.begin(), b.terms.end(),
                      [](const auto &x, const auto &y) {
                          return x.coefficient == y.coefficient && compare_atoms(x.atom, y.atom) == 0;
                      });
}

}  // namespace heddle::Internal
