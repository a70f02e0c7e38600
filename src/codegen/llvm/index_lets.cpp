#include "codegen/llvm/index_lets.h"

#include <unordered_map>
#include <vector>

#include "ir/rewrite.h"

namespace heddle::Internal {

namespace {

// Where an expression stands: its value is an address or a bound; it is data; or it is (part of a sum in)
// the value of let `let`.
struct Place {
    enum Kind { Index, Data, LetValue } kind = Data;
    uint64_t let = 0;
};

class UseCollector {
public:
    explicit UseCollector(const Stmt &s) {
        visit(s);
    }
    std::unordered_set<uint64_t> result() {
        std::unordered_set<uint64_t> out;
        for (const auto &[id, uses] : uses_) {
            static_cast<void>(uses);
            if (lets_.count(id) && only_index(id)) out.insert(id);
        }
        return out;
    }

private:
    void children(const Node &n, Place place) {
        ChildVisitor v(*this, place);
        v.children(n);
    }
    class ChildVisitor final : public Walker {
    public:
        ChildVisitor(UseCollector &c, Place p)
            : collector_(c), place_(p) {
        }
        void operator()(const Expr &e) const override {
            if (e.defined()) collector_.visit(e, place_);
        }
        void operator()(const Stmt &s) const override {
            if (s.defined()) collector_.visit(s);
        }

    private:
        UseCollector &collector_;
        Place place_;
    };

    void visit(const Expr &e, Place place) {
        const Let *let = e.as<Let>();
        const Load *load = e.as<Load>();
        if (const Variable *v = e.as<Variable>()) {
            uses_[v->symbol.id()].push_back(place);
        } else if (load) {
            visit(load->index, {Place::Index});
            visit(load->predicate, {Place::Data});
        } else if (let) {
            lets_.insert(let->symbol.id());
            visit(let->value, {Place::LetValue, let->symbol.id()});
            visit(let->body, place);
        } else if (e.as<Add>() || e.as<Sub>() || e.as<Mul>() || e.as<Ramp>() || e.as<Broadcast>()) {
            children(*e.get(), place);
        } else {
            children(*e.get(), {Place::Data});
        }
    }
    void visit(const Stmt &s) {
        const Store *store = s.as<Store>();
        const For *loop = s.as<For>();
        if (const LetStmt *let = s.as<LetStmt>()) {
            lets_.insert(let->symbol.id());
            visit(let->value, {Place::LetValue, let->symbol.id()});
            visit(let->body);
        } else if (store) {
            visit(store->index, {Place::Index});
            visit(store->value, {Place::Data});
            visit(store->predicate, {Place::Data});
        } else if (loop) {
            visit(loop->min, {Place::Index});
            visit(loop->extent, {Place::Index});
            visit(loop->body);
        } else {
            children(*s.get(), {Place::Data});
        }
    }

    bool only_index(uint64_t id) {
        auto known = known_.find(id);
        if (known != known_.end()) return known->second;
        known_[id] = true;  // lets do not refer to themselves; this only ends the recursion
        bool all = true;
        for (const Place &p : uses_[id]) {
            all = all && (p.kind == Place::Index || (p.kind == Place::LetValue && only_index(p.let)));
        }
        known_[id] = all;
        return all;
    }

    std::unordered_map<uint64_t, std::vector<Place>> uses_;
    std::unordered_set<uint64_t> lets_;
    std::unordered_map<uint64_t, bool> known_;
};

}  // namespace

std::unordered_set<uint64_t> index_lets(const Stmt &s) {
    return UseCollector(s).result();
}

}  // namespace heddle::Internal
