#include "lower/explain.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <set>

#include "analysis/box.h"
#include "ir/operations.h"
#include "ir/print.h"
#include "ir/rewrite.h"
#include "support/assert.h"

namespace heddle::Internal {

namespace {

using Values = std::map<uint64_t, int64_t>;  // of symbols, by id

// Integer expressions over known values; nothing where a value is not known.
class Evaluator {
public:
    explicit Evaluator(std::map<uint64_t, std::vector<KnownArguments::Dim>> shapes)
        : shapes_(std::move(shapes)) {
    }

    std::optional<int64_t> operator()(const Expr &e, const Values &values) const {
        if (!e.defined()) return {};
        if (const IntImm *n = e.as<IntImm>()) return n->value;
        if (const UIntImm *n = e.as<UIntImm>()) return static_cast<int64_t>(n->value);
        if (const Variable *n = e.as<Variable>()) {
            const auto it = values.find(n->symbol.id());
            return it == values.end() ? std::nullopt : std::optional(it->second);
        }
        if (const Cast *n = e.as<Cast>()) {
            return n->type.is_float() || n->value.type().is_float() ? std::nullopt : (*this)(n->value, values);
        }
        if (const Let *n = e.as<Let>()) {
            Values inner = values;
            if (const auto v = (*this)(n->value, values)) inner[n->symbol.id()] = *v;
            return (*this)(n->body, inner);
        }
        if (const Select *n = e.as<Select>()) {
            const auto c = (*this)(n->condition, values);
            return c ? (*this)(*c ? n->true_value : n->false_value, values) : std::nullopt;
        }
        if (const Not *n = e.as<Not>()) {
            const auto v = (*this)(n->a, values);
            return v ? std::optional<int64_t>(!*v) : std::nullopt;
        }
        if (const Call *n = e.as<Call>()) return call(*n, values);
        return binary(e, values);
    }

private:
    std::optional<int64_t> call(const Call &n, const Values &values) const {
        switch (n.op) {
        case CallOp::likely:
        case CallOp::likely_if_innermost:
        case CallOp::promise_clamped:
        case CallOp::unsafe_promise_clamped:
        case CallOp::strict_float: return (*this)(n.args[0], values);
        case CallOp::if_then_else: {
            const auto c = (*this)(n.args[0], values);
            if (!c || (!*c && n.args.size() < 3)) return {};
            return (*this)(n.args[*c ? 1 : 2], values);
        }
        case CallOp::abs: {
            const auto v = (*this)(n.args[0], values);
            return v ? std::optional(*v < 0 ? -*v : *v) : std::nullopt;
        }
        case CallOp::buffer_is_bounds_query:
        case CallOp::buffer_is_null:
        case CallOp::buffer_device_dirty: return 0;
        case CallOp::buffer_min:
        case CallOp::buffer_extent:
        case CallOp::buffer_stride: return field(n);
        default: return {};
        }
    }
    std::optional<int64_t> field(const Call &n) const {
        const Variable *handle = n.args[0].as<Variable>();
        const IntImm *d = n.args[1].as<IntImm>();
        const auto shape = handle ? shapes_.find(handle->symbol.id()) : shapes_.end();
        if (shape == shapes_.end() || !d || static_cast<size_t>(d->value) >= shape->second.size()) return {};
        const KnownArguments::Dim &dim = shape->second[static_cast<size_t>(d->value)];
        return n.op == CallOp::buffer_min ? dim.min : n.op == CallOp::buffer_extent ? dim.extent : dim.stride;
    }
    std::optional<int64_t> binary(const Expr &e, const Values &values) const {
        Expr ea, eb;
        const auto operands = [&](const auto *n) {
            if (n) ea = n->a, eb = n->b;
        };
        switch (e.get()->kind) {
#define HEDDLE_OPERANDS(Name) \
    case NodeKind::Name: operands(e.as<Name>()); break;
            HEDDLE_OPERANDS(Add)
            HEDDLE_OPERANDS(Sub)
            HEDDLE_OPERANDS(Mul)
            HEDDLE_OPERANDS(Div)
            HEDDLE_OPERANDS(Mod)
            HEDDLE_OPERANDS(Min)
            HEDDLE_OPERANDS(Max)
            HEDDLE_OPERANDS(EQ)
            HEDDLE_OPERANDS(NE)
            HEDDLE_OPERANDS(LT)
            HEDDLE_OPERANDS(LE)
            HEDDLE_OPERANDS(GT)
            HEDDLE_OPERANDS(GE)
            HEDDLE_OPERANDS(And)
            HEDDLE_OPERANDS(Or)
#undef HEDDLE_OPERANDS
        default: return {};
        }
        if (ea.type().is_float()) return {};
        const auto a = (*this)(ea, values), b = (*this)(eb, values);
        const NodeKind kind = e.get()->kind;
        if (kind == NodeKind::And && ((a && !*a) || (b && !*b))) return 0;
        if (kind == NodeKind::Or && ((a && *a) || (b && *b))) return 1;
        if (!a || !b) return {};
        switch (kind) {
        case NodeKind::Add: return *a + *b;
        case NodeKind::Sub: return *a - *b;
        case NodeKind::Mul: return *a * *b;
        case NodeKind::Div: return *b ? (*a - remainder(*a, *b)) / *b : 0;
        case NodeKind::Mod: return *b ? remainder(*a, *b) : 0;
        case NodeKind::Min: return std::min(*a, *b);
        case NodeKind::Max: return std::max(*a, *b);
        case NodeKind::EQ: return *a == *b;
        case NodeKind::NE: return *a != *b;
        case NodeKind::LT: return *a < *b;
        case NodeKind::LE: return *a <= *b;
        case NodeKind::GT: return *a > *b;
        case NodeKind::GE: return *a >= *b;
        case NodeKind::And: return *a && *b;
        default: return *a || *b;
        }
    }
    static int64_t remainder(int64_t a, int64_t b) {
        const int64_t r = a % b;
        return r < 0 ? r + std::abs(b) : r;
    }

    std::map<uint64_t, std::vector<KnownArguments::Dim>> shapes_;
};

// The nest as a tree of what matters here. A branch inside of a value (if_then_else) is a node, too.
struct Node {
    enum class Kind { Group, Let, Loop, Condition, Define, Storage, Produce };
    Kind kind = Kind::Group;
    Stmt stmt;             // undefined: a branch of a value
    Symbol symbol;         // Let, Loop
    Expr value;            // Let; Condition, Define: runs where it holds, or, with `otherwise`, where not (undefined: always)
    Expr min, extent;      // Loop
    bool otherwise = false;
    Work each;             // of one run, without what is inside
    size_t end = 0;        // nodes inside are those from this one's place + 1 to end
    std::vector<size_t> inside;
    std::set<uint64_t> depends;  // symbols that the counts inside depend on
};

class Tree {
public:
    explicit Tree(const Stmt &s) {
        add(s);
    }
    const std::vector<Node> &nodes() const {
        return nodes_;
    }

private:
    size_t begin(Node::Kind kind, const Stmt &s = {}) {
        nodes_.emplace_back();
        nodes_.back().kind = kind;
        nodes_.back().stmt = s;
        return nodes_.size() - 1;
    }
    void end(size_t i) {
        Node &n = nodes_[i];
        n.end = nodes_.size();
        for (size_t c : n.inside) n.depends.insert(nodes_[c].depends.begin(), nodes_[c].depends.end());
        const auto use = [&](const Expr &e) {
            if (e.defined()) walk_graph(e, [&](const Variable &v) { n.depends.insert(v.symbol.id()); });
        };
        if (n.kind == Node::Kind::Loop) {
            const bool varies = n.depends.erase(n.symbol.id()) > 0;
            if (varies) use(n.min);
            use(n.extent);
        } else if (n.kind == Node::Kind::Let) {
            if (n.depends.erase(n.symbol.id()) > 0) use(n.value);
        } else {
            use(n.value);
        }
    }
    void inside(size_t parent, const Stmt &s) {
        if (!s.defined()) return;
        const size_t child = nodes_.size();
        add(s);
        nodes_[parent].inside.push_back(child);
    }

    void add(const Stmt &s) {
        size_t i = 0;
        if (const Block *block = s.as<Block>()) {
            i = begin(Node::Kind::Group, s);
            for (const Stmt &b : block->stmts) inside(i, b);
        } else if (const Fork *fork = s.as<Fork>()) {
            i = begin(Node::Kind::Group, s);
            for (const Stmt &b : fork->tasks) inside(i, b);
        } else if (const LetStmt *let = s.as<LetStmt>()) {
            i = begin(Node::Kind::Let, s);
            nodes_[i].symbol = let->symbol;
            nodes_[i].value = let->value;
            inside(i, let->body);
        } else if (const For *loop = s.as<For>()) {
            i = begin(Node::Kind::Loop, s);
            nodes_[i].symbol = loop->loop;
            nodes_[i].min = loop->min;
            nodes_[i].extent = loop->extent;
            inside(i, loop->body);
        } else if (const If *branch = s.as<If>()) {
            i = begin(Node::Kind::Group, s);
            for (const bool otherwise : {false, true}) {
                const Stmt &taken = otherwise ? branch->else_case : branch->then_case;
                if (!taken.defined()) continue;
                const size_t c = begin(Node::Kind::Condition, s);
                nodes_[i].inside.push_back(c);
                nodes_[c].value = branch->condition;
                nodes_[c].otherwise = otherwise;
                inside(c, taken);
                end(c);
            }
        } else if (const Realize *realize = s.as<Realize>()) {
            i = begin(Node::Kind::Storage, s);
            inside(i, realize->body);
        } else if (const View *view = s.as<View>()) {
            i = begin(Node::Kind::Group, s);
            inside(i, view->body);
        } else if (const ProducerConsumer *produce = s.as<ProducerConsumer>()) {
            i = begin(produce->is_producer ? Node::Kind::Produce : Node::Kind::Group, s);
            inside(i, produce->body);
        } else if (const Atomic *atomic = s.as<Atomic>()) {
            i = begin(Node::Kind::Group, s);
            inside(i, atomic->body);
        } else if (const Acquire *acquire = s.as<Acquire>()) {
            i = begin(Node::Kind::Group, s);
            inside(i, acquire->body);
        } else if (const Write *write = s.as<Write>()) {
            i = begin(Node::Kind::Define, s);
            if (!is_const(write->predicate)) nodes_[i].value = write->predicate;
            for (const Expr &e : write->values) {
                scan(i, e, true);
                nodes_[i].each.stored += static_cast<uint64_t>(e.type().bytes());
            }
            for (const Expr &e : write->args) scan(i, e, false);
        } else {
            i = begin(Node::Kind::Group, s);  // asserts, calls for their effect
        }
        end(i);
    }

    struct Scan final : Walker {
        Scan(Tree &tree, size_t node, bool counts)
            : tree(tree), node(node), counts(counts) {
        }
        void operator()(const Expr &e) const override {
            tree.scan(node, e, counts);
        }
        void operator()(const Stmt &) const override {
        }
        Tree &tree;
        size_t node;
        bool counts;
    };

    // What one evaluation of e does, added to node i. In an index only loads count.
    void scan(size_t i, const Expr &e, bool counts) {
        if (!e.defined()) return;
        if (const Access *n = e.as<Access>()) {
            nodes_[i].each.loaded += static_cast<uint64_t>(n->type.bytes());
            for (const Expr &a : n->args) scan(i, a, false);
            return;
        }
        if (const Call *n = e.as<Call>(); n && n->op == CallOp::if_then_else) {
            scan(i, n->args[0], counts);
            for (size_t k = 1; k < n->args.size(); k++) {
                const size_t c = begin(Node::Kind::Condition);
                nodes_[i].inside.push_back(c);
                nodes_[c].value = n->args[0];
                nodes_[c].otherwise = k == 2;
                scan(c, n->args[k], counts);
                end(c);
            }
            return;
        }
        if (counts && is_operation(e)) nodes_[i].each.operations++;
        Scan(*this, i, counts).children(*e.get());
    }

    std::vector<Node> nodes_;
};

class Counter {
public:
    Counter(const std::vector<Node> &nodes, const Evaluator &evaluate)
        : nodes_(nodes),
          evaluate_(evaluate),
          memo_(nodes.size()) {
    }
    using Counts = std::vector<uint64_t>;  // how often each node of a subtree runs

    bool exact = true;

    const Counts &count(size_t i, const Values &values) {
        std::vector<int64_t> key;
        for (uint64_t id : nodes_[i].depends) {
            const auto it = values.find(id);
            key.push_back(it == values.end() ? std::numeric_limits<int64_t>::min() : it->second);
        }
        if (const auto known = memo_[i].find(key); known != memo_[i].end()) return known->second;
        Counts c = compute(i, values);
        return memo_[i].emplace(std::move(key), std::move(c)).first->second;
    }

private:
    void add_inside(size_t i, const Values &values, uint64_t times, Counts &out) {
        for (size_t child : nodes_[i].inside) {
            const Counts &c = count(child, values);
            for (size_t k = 0; k < c.size(); k++) out[child - i + k] += times * c[k];
        }
    }
    Counts compute(size_t i, const Values &values) {
        const Node &n = nodes_[i];
        Counts out(n.end - i, 0);
        if (n.kind == Node::Kind::Let) {
            Values inner = values;
            if (const auto v = evaluate_(n.value, values)) inner[n.symbol.id()] = *v;
            out[0] = 1;
            add_inside(i, inner, 1, out);
            return out;
        }
        if (n.kind == Node::Kind::Loop) return loop(i, values);
        if (n.value.defined()) {
            const auto holds = evaluate_(n.value, values);
            if (!holds) exact = false;
            if (holds && (*holds != 0) == n.otherwise) return out;
        }
        out[0] = 1;
        add_inside(i, values, 1, out);
        return out;
    }
    // The loop's own count is that of its iterations.
    Counts loop(size_t i, const Values &values) {
        const Node &n = nodes_[i];
        Counts out(n.end - i, 0);
        const auto min = evaluate_(n.min, values), extent = evaluate_(n.extent, values);
        if (!extent) exact = false;
        const int64_t times = std::max<int64_t>(extent.value_or(1), 0);
        out[0] = static_cast<uint64_t>(times);
        Values inner = values;
        bool varies = false;
        for (size_t child : n.inside) varies |= nodes_[child].depends.contains(n.symbol.id());
        if (!varies || !min) {
            if (varies) exact = false;
            if (times > 0) add_inside(i, inner, static_cast<uint64_t>(times), out);
            return out;
        }
        for (int64_t k = 0; k < times; k++) {
            inner[n.symbol.id()] = *min + k;
            add_inside(i, inner, 1, out);
        }
        return out;
    }

    const std::vector<Node> &nodes_;
    const Evaluator &evaluate_;
    std::vector<std::map<std::vector<int64_t>, Counts>> memo_;
};

using Ranges64 = std::vector<std::pair<int64_t, int64_t>>;  // first and last per dimension

std::optional<Ranges64> ranges(const Box &box, const Evaluator &evaluate, const Values &values) {
    Ranges64 out;
    for (const Interval &i : box.bounds) {
        if (!i.is_bounded()) return {};
        const auto min = evaluate(i.min, values), max = evaluate(i.max, values);
        if (!min || !max) return {};
        out.emplace_back(*min, *max);
    }
    return out;
}

int64_t volume(const Ranges64 &r) {
    int64_t points = 1;
    for (const auto &[first, last] : r) points *= std::max<int64_t>(last - first + 1, 0);
    return points;
}

class Explainer {
public:
    Explainer(const LoweredFunction &kernel, const KnownArguments &known)
        : evaluate_(shapes_of(kernel, known)),
          tree_(kernel.body),
          counter_(tree_.nodes(), evaluate_) {
        for (const LoweredArgument &a : kernel.args) {
            const auto value = known.scalars.find(a.argument.name);
            if (value != known.scalars.end()) start_[a.symbol.id()] = value->second;
        }
        walk_graph(kernel.body, [&](const Access &a) { element_bytes(a.buffer, a.value_index, a.type); },
                   [&](const Write &w) {
                       for (size_t k = 0; k < w.values.size(); k++) element_bytes(w.buffer, static_cast<int>(k), w.values[k].type());
                   });
    }

    ExplainedNest operator()() {
        counts_ = counter_.count(0, start_);
        result_.exact = counter_.exact;
        line(0, 0, start_);
        for (auto &[name, points] : points_) func(name).points = points;
        for (const auto &[name, f] : funcs_) {
            result_.work.operations += f.work.operations;
            result_.work.loaded += f.work.loaded;
            result_.work.stored += f.work.stored;
        }
        result_.funcs = std::move(funcs_);
        return std::move(result_);
    }

private:
    static std::map<uint64_t, std::vector<KnownArguments::Dim>> shapes_of(const LoweredFunction &kernel, const KnownArguments &known) {
        std::map<uint64_t, std::vector<KnownArguments::Dim>> shapes;
        for (const LoweredArgument &a : kernel.args) {
            const auto b = known.buffers.find(a.argument.name);
            if (b != known.buffers.end()) shapes[a.symbol.id()] = b->second;
        }
        return shapes;
    }
    void element_bytes(const Symbol &buffer, int index, Type type) {
        std::map<int, int64_t> &bytes = elements_[buffer];
        bytes[index] = type.bytes();
    }
    int64_t element_bytes(const Symbol &buffer) const {
        int64_t sum = 0;
        for (const auto &[index, bytes] : elements_.at(buffer)) sum += bytes;
        return sum;
    }
    ExplainedFunc &func(const std::string &name) {
        for (auto &[known, f] : funcs_) {
            if (known == name) return f;
        }
        funcs_.emplace_back(name, ExplainedFunc());
        return funcs_.back().second;
    }

    Work work_inside(size_t i) const {
        Work sum;
        for (size_t k = i; k < tree_.nodes()[i].end; k++) {
            const Work &each = tree_.nodes()[k].each;
            sum.operations += counts_[k] * each.operations;
            sum.loaded += counts_[k] * each.loaded;
            sum.stored += counts_[k] * each.stored;
        }
        return sum;
    }
    // Bytes that a run of the statement touches.
    int64_t touched(const Stmt &s, const Values &values) const {
        int64_t bytes = 0;
        for (const auto &[buffer, box] : boxes_touched(s)) {
            const auto r = ranges(box, evaluate_, values);
            if (!r || !elements_.contains(buffer)) return -1;
            bytes += volume(*r) * element_bytes(buffer);
        }
        return bytes;
    }

    // The points that the first stage computes in `produce`, in the first and last iterations of all loops around.
    void collect_points(size_t i) {
        const ProducerConsumer &n = *tree_.nodes()[i].stmt.as<ProducerConsumer>();
        const std::string name = n.buffer.name();
        std::optional<Ranges64> all;
        const Stmt first = first_stage(n.body);
        walk_graph(first, [&](const Write &w) {
            if (w.buffer == n.buffer) pure_.insert(&w);
        });
        const Box box = box_touched(first, n.buffer, {}, Touch::Writes);
        const auto add = [&](const Values &values) {
            const auto r = ranges(box, evaluate_, values);
            if (!r) return false;
            if (!all) all = r;
            for (size_t d = 0; d < r->size(); d++) {
                (*all)[d].first = std::min((*all)[d].first, (*r)[d].first);
                (*all)[d].second = std::max((*all)[d].second, (*r)[d].second);
            }
            return true;
        };
        const bool known = at_corners(0, start_, add) && all;
        const auto [it, is_new] = points_.emplace(name, known ? volume(*all) : -1);
        if (!is_new) it->second = known && it->second >= 0 ? std::max(it->second, volume(*all)) : -1;
    }
    // The statement of the pure definition: what is produced before any update.
    static Stmt first_stage(const Stmt &s) {
        if (const LetStmt *n = s.as<LetStmt>()) return LetStmt::make(n->symbol, n->value, first_stage(n->body));
        const Block *b = s.as<Block>();
        return b && writes(b->stmts[0]) ? first_stage(b->stmts[0]) : s;
    }
    static bool writes(const Stmt &s) {
        bool found = false;
        walk_graph(s, [&](const Write &) { found = true; });
        return found;
    }
    template<typename Visit>
    bool at_corners(size_t depth, const Values &values, const Visit &visit) const {
        if (depth == around_.size()) return visit(values);
        const Node &n = tree_.nodes()[around_[depth]];
        Values inner = values;
        if (n.kind == Node::Kind::Let) {
            if (const auto v = evaluate_(n.value, values)) inner[n.symbol.id()] = *v;
            return at_corners(depth + 1, inner, visit);
        }
        const auto min = evaluate_(n.min, values), extent = evaluate_(n.extent, values);
        if (!min || !extent) return false;
        for (int64_t k : {int64_t{0}, *extent - 1}) {
            inner[n.symbol.id()] = *min + k;
            if (*extent > 0 && !at_corners(depth + 1, inner, visit)) return false;
            if (*extent <= 1) break;
        }
        return true;
    }

    // Adds the lines of node i. `values` are those in the middle of the loops around.
    void line(size_t i, int depth, Values values) {
        const Node &n = tree_.nodes()[i];
        if (n.kind != Node::Kind::Group && counts_[i] == 0) return;
        ExplainedLine l;
        l.depth = depth;
        l.runs = counts_[i];
        l.work = work_inside(i);
        switch (n.kind) {
        case Node::Kind::Let:
            if (const auto v = evaluate_(n.value, values)) values[n.symbol.id()] = *v;
            break;
        case Node::Kind::Loop: {
            const For &loop = *n.stmt.as<For>();
            const auto min = evaluate_(n.min, values), extent = evaluate_(n.extent, values);
            if (min && extent) values[n.symbol.id()] = *min + *extent / 2;
            l.text = std::string(to_string(loop.for_type)) + " " + n.symbol.name();
            l.touched = touched(loop.body, values);
            l.is_loop = true;
            break;
        }
        case Node::Kind::Storage: {
            const Realize &r = *n.stmt.as<Realize>();
            std::string shape;
            int64_t bytes = 0;
            for (const Type &t : r.types) bytes += t.bytes();
            for (const Range &b : r.bounds) {
                const auto extent = evaluate_(b.extent, values);
                shape += (shape.empty() ? "" : " x ") + (extent ? std::to_string(*extent) : std::string("?"));
                bytes = extent && bytes >= 0 ? bytes * *extent : -1;
            }
            l.text = concat("allocate ", r.buffer.name(), " ", shape);
            l.touched = bytes;
            break;
        }
        case Node::Kind::Produce:
            l.text = "produce " + n.stmt.as<ProducerConsumer>()->buffer.name();
            collect_points(i);
            break;
        case Node::Kind::Define: define(i, l); break;
        case Node::Kind::Group:
        case Node::Kind::Condition: break;
        }
        const bool shown = !l.text.empty();
        if (shown) result_.lines.push_back(std::move(l));
        const bool binds = n.kind == Node::Kind::Let || n.kind == Node::Kind::Loop;
        if (binds) around_.push_back(i);
        if (n.kind != Node::Kind::Define) {
            for (size_t child : n.inside) line(child, depth + shown, values);
        }
        if (binds) around_.pop_back();
    }
    void define(size_t i, ExplainedLine &l) {
        const Write &w = *tree_.nodes()[i].stmt.as<Write>();
        l.text = w.buffer.name();
        l.is_definition = true;
        ExplainedFunc &f = func(w.buffer.name());
        (pure_.contains(&w) ? f.evaluations : f.updates) += counts_[i];
        f.work.operations += l.work.operations;
        f.work.loaded += l.work.loaded;
        f.work.stored += l.work.stored;
    }
    Evaluator evaluate_;
    Tree tree_;
    Counter counter_;
    Values start_;
    Counter::Counts counts_;
    std::map<Symbol, std::map<int, int64_t>> elements_;  // bytes, by index of the value
    std::vector<size_t> around_;                          // lets and loops around the present node
    std::map<std::string, int64_t> points_;
    std::set<const Write *> pure_;  // of pure definitions
    std::vector<std::pair<std::string, ExplainedFunc>> funcs_;
    ExplainedNest result_;
};

std::string grouped(uint64_t n) {
    std::string out = std::to_string(n);
    for (int64_t at = static_cast<int64_t>(out.size()) - 3; at > 0; at -= 3) out.insert(static_cast<size_t>(at), ",");
    return out;
}
std::string right(const std::string &text, size_t width) {
    return text.size() < width ? std::string(width - text.size(), ' ') + text : " " + text;
}
std::string left(const std::string &text, size_t width) {
    return text.size() < width ? text + std::string(width - text.size(), ' ') : text;
}
std::string ratio(uint64_t a, int64_t b) {
    if (b <= 0) return "?";
    const uint64_t hundredths = (a * 100 + static_cast<uint64_t>(b) / 2) / static_cast<uint64_t>(b);
    const std::string digits = std::to_string(hundredths % 100);
    return std::to_string(hundredths / 100) + "." + (digits.size() < 2 ? "0" : "") + digits;
}

}  // namespace

ExplainedNest explain_nest(const LoweredFunction &kernel, const KnownArguments &known) {
    return Explainer(kernel, known)();
}

std::string to_string(const ExplainedNest &nest, const std::string &title) {
    const auto work = [](const Work &w) {
        return right(grouped(w.operations), 16) + right(grouped(w.loaded), 16) + right(grouped(w.stored), 16);
    };
    const auto known = [](int64_t n) { return n < 0 ? std::string("?") : grouped(static_cast<uint64_t>(n)); };
    size_t width = 12;
    for (const auto &[name, f] : nest.funcs) width = std::max(width, name.size() + 2);
    for (const ExplainedLine &l : nest.lines) width = std::max(width, l.text.size() + 2 * static_cast<size_t>(l.depth) + 2);
    const std::string columns = right("operations", 16) + right("bytes loaded", 16) + right("bytes stored", 16);
    std::string out = title + "\n\n" + left("Func", width) + right("points", 14) + right("evaluations", 14) + right("of each", 9) +
                      right("updates", 14) + columns + "\n";
    for (const auto &[name, f] : nest.funcs) {
        out += left(name, width) + right(known(f.points), 14) + right(grouped(f.evaluations), 14) +
               right(ratio(f.evaluations, f.points), 9) + right(grouped(f.updates), 14) + work(f.work) + "\n";
    }
    out += left("all", width) + std::string(51, ' ') + work(nest.work) + "\n\n";
    out += left("nest", width) + right("runs", 14) + right("bytes a run", 14) + columns + "\n";
    for (const ExplainedLine &l : nest.lines) {
        const bool has_work = l.is_loop || l.is_definition;
        out += left(std::string(2 * static_cast<size_t>(l.depth), ' ') + l.text, width) + right(grouped(l.runs), 14);
        out += right(l.is_definition || (!l.is_loop && l.touched < 0) ? "" : known(l.touched), 14);
        if (has_work) out += work(l.work);
        while (out.back() == ' ') out.pop_back();
        out += "\n";
    }
    if (!nest.exact) out += "\nSome counts depend on values that only a run knows: they are upper bounds, or for one iteration.\n";
    return out;
}

}  // namespace heddle::Internal
