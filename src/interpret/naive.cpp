#include "interpret/naive.h"

#include <cstring>
#include <optional>
#include <unordered_map>

#include "interpret/extern_call.h"
#include "interpret/value.h"
#include "ir/binary_nodes.h"
#include "ir/math_expand.h"
#include "ir/print.h"
#include "language/extern_definition.h"
#include "language/scatter.h"

namespace heddle::Internal {

namespace {

using Point = std::vector<int>;

struct PointHash {
    size_t operator()(const Point &p) const {
        uint64_t h = p.size();
        for (const int x : p) h = (h ^ static_cast<uint32_t>(x)) * 0x9e3779b97f4a7c15ull;
        return static_cast<size_t>(h ^ (h >> 32));
    }
};

/** A box over some dimensions, first to last inclusive; empty at first. */
struct Box {
    Point first, last;
    bool empty = true;

    bool contains(const Point &p) const {
        if (empty) return false;
        for (size_t d = 0; d < p.size(); d++) {
            if (p[d] < first[d] || p[d] > last[d]) return false;
        }
        return true;
    }
    void include(const Point &p) {
        if (empty) {
            first = last = p;
            empty = false;
            return;
        }
        for (size_t d = 0; d < p.size(); d++) {
            first[d] = std::min(first[d], p[d]);
            last[d] = std::max(last[d], p[d]);
        }
    }
};

/** Calls f(point) for all points between first and last, the first dimension innermost. */
template<typename F>
void for_each_point(const Point &first, const Point &last, F &&f) {
    for (size_t d = 0; d < first.size(); d++) {
        if (first[d] > last[d]) return;
    }
    Point p = first;
    for (;;) {
        f(p);
        size_t d = 0;
        while (d < p.size() && p[d] == last[d]) {
            p[d] = first[d];
            d++;
        }
        if (d == p.size()) return;
        p[d]++;
    }
}

/** The values of a Func with updates, over a box of the dimensions that some update touches. */
struct Slice {
    Box wanted, computed;
    std::unordered_map<Point, std::vector<Lane>, PointHash> values;
};

/** Thrown when an update reads its own Func at a point outside of the box. */
struct Grow {
    Point point;
};

/** A Func and what is known of it. */
struct State {
    const Function *function = nullptr;
    std::vector<bool> touched;  ///< dimensions in which some update does not leave its Var
    std::unordered_map<Point, Lane, PointHash> values;   ///< without updates: by point and value index
    std::unordered_map<Point, Slice, PointHash> slices;  ///< with updates: by the dimensions not touched
};

/** One store of an update: where to, and which values. */
struct OneStore {
    ExprList args, values;
};

/** What symbols mean while one expression is evaluated. */
struct Frame {
    std::vector<std::pair<uint64_t, Lane>> variables;
    State *self = nullptr;   ///< the Func whose update this is
    Slice *slice = nullptr;  ///< where its values are
    std::unordered_map<const ExprNode *, Lane> memo;  ///< of nodes that are used twice

    void set(const Symbol &s, Lane lane) {
        for (auto &[id, value] : variables) {
            if (id == s.id()) {
                value = lane;
                return;
            }
        }
        variables.emplace_back(s.id(), lane);
    }
    const Lane *find(const Symbol &s) const {
        for (const auto &[id, value] : variables) {
            if (id == s.id()) return &value;
        }
        return nullptr;
    }
};

Lane defined(uint64_t bits) {
    return {bits, LaneState::Defined};
}
Lane of_int(int64_t value, Type t) {
    return defined(bits_of_int(value, t));
}
constexpr Lane poison = {0, LaneState::Poison};

class NaiveEvaluator {
public:
    explicit NaiveEvaluator(const NaiveOptions &options)
        : options_(options) {
        for (const auto &[parameter, value] : options.values) given_.emplace(parameter->symbol.id(), value);
    }

    void bind(const ParameterContents &p, halide_buffer_t *buffer) {
        given_.insert_or_assign(p.symbol.id(), ArgValue(buffer));
    }

    Lane value(const Function &f, const Point &p, int value_index) {
        State &state = state_of(f);
        if (f.updates.empty()) {
            Point key = p;
            key.push_back(value_index);
            if (auto it = state.values.find(key); it != state.values.end()) return it->second;
            if (f.external) {
                const std::vector<Lane> all = extern_values(f, p);
                for (size_t k = 0; k < all.size(); k++) {
                    key.back() = static_cast<int>(k);
                    state.values.emplace(key, all[k]);
                }
                return all[static_cast<size_t>(value_index)];
            }
            Frame frame;
            bind_pure(frame, f, p);
            const Lane v = evaluate(f.pure.values[static_cast<size_t>(value_index)], frame);
            state.values.emplace(std::move(key), v);
            return v;
        }
        const auto [rest, box_point] = split(state, p);
        Slice &slice = state.slices[rest];
        slice.wanted.include(box_point);
        if (!slice.computed.contains(box_point)) compute(state, slice, rest);
        return slice.values.at(box_point)[static_cast<size_t>(value_index)];
    }

    // The values at every point that the buffer covers.
    void fill(const Function &f, int value_index, halide_buffer_t &b) {
        const Type t = f.types[static_cast<size_t>(value_index)];
        HEDDLE_ASSERT(b.dimensions == f.dimensions() && Type(b.type) == t, "the buffer for ", f.name, " has another type or number of dimensions");
        Point first, last;
        for (int d = 0; d < b.dimensions; d++) {
            first.push_back(b.dim[d].min);
            last.push_back(b.dim[d].min + b.dim[d].extent - 1);
        }
        for_each_point(first, last, [&](const Point &p) {
            const Lane v = value(f, p, value_index);
            if (!v.defined()) return;
            int64_t offset = 0;
            for (int d = 0; d < b.dimensions; d++) {
                offset += static_cast<int64_t>(p[static_cast<size_t>(d)] - b.dim[d].min) * b.dim[d].stride;
            }
            std::memcpy(b.host + offset * t.bytes(), &v.bits, static_cast<size_t>(t.bytes()));
        });
    }

private:
    State &state_of(const Function &f) {
        auto [it, added] = states_.try_emplace(&f);
        State &state = it->second;
        if (!added) return state;
        HEDDLE_ASSERT(f.defined(), f.name, " is not defined");
        state.function = &f;
        state.touched.assign(f.args.size(), false);
        for (const Definition &u : f.updates) {
            for (size_t d = 0; d < f.args.size(); d++) state.touched[d] = state.touched[d] || !is_pure(f, u, d);
        }
        return state;
    }
    static bool is_pure(const Function &f, const Definition &update, size_t d) {
        const Variable *v = update.args[d].as<Variable>();
        return v && v->symbol == f.arg_symbols[d];
    }
    // The coordinates in the dimensions that no update touches, and those in the others.
    static std::pair<Point, Point> split(const State &state, const Point &p) {
        std::pair<Point, Point> parts;
        for (size_t d = 0; d < p.size(); d++) (state.touched[d] ? parts.second : parts.first).push_back(p[d]);
        return parts;
    }
    static Point join(const State &state, const Point &rest, const Point &box_point) {
        Point p;
        size_t r = 0, b = 0;
        for (const bool touched : state.touched) p.push_back(touched ? box_point[b++] : rest[r++]);
        return p;
    }
    static void bind_pure(Frame &frame, const Function &f, const Point &p) {
        for (size_t d = 0; d < p.size(); d++) frame.set(f.arg_symbols[d], of_int(p[d], Int(32)));
    }

    // --- Funcs that a C function computes

    /** A buffer over a box, with memory of its own or none. */
    struct OwnBuffer {
        std::vector<halide_dimension_t> shape;
        std::vector<uint8_t> memory;
        halide_buffer_t raw{};

        OwnBuffer(Type t, size_t dimensions)
            : shape(std::max<size_t>(dimensions, 1)) {
            raw.type = t;
            raw.dimensions = static_cast<int32_t>(dimensions);
        }
        halide_buffer_t *get() {
            raw.dim = shape.data();
            return &raw;
        }
        void allocate() {
            size_t elements = 1;
            for (int d = 0; d < raw.dimensions; d++) {
                halide_dimension_t &dim = shape[static_cast<size_t>(d)];
                dim.stride = static_cast<int32_t>(elements);
                elements *= static_cast<size_t>(std::max(dim.extent, 0));
            }
            memory.assign(std::max<size_t>(elements, 1) * static_cast<size_t>(raw.type.bytes()), 0);
            raw.host = memory.data();
        }
    };

    // The values at one point.
    std::vector<Lane> extern_values(const Function &f, const Point &p) {
        const Call &call = extern_call_of(f);
        std::vector<OwnBuffer> outputs;
        for (const Type &t : f.types) {
            outputs.emplace_back(t, p.size());
            for (size_t d = 0; d < p.size(); d++) outputs.back().shape[d] = halide_dimension_t(p[d], 1, 1);
        }
        std::vector<OwnBuffer> inputs;
        for (const Expr &e : call.args) {
            const Access *a = passed_on(e);
            if (!a) continue;
            inputs.emplace_back(a->type, a->args.size());
            if (function_of(*a)) continue;
            const halide_buffer_t &image = buffer_of(*parameter_of(*a));
            for (size_t d = 0; d < a->args.size(); d++) inputs.back().shape[d] = image.dim[d];
        }
        call_extern(call, inputs, outputs, " when it was asked which region of its inputs it needs");
        size_t next = 0;
        for (const Expr &e : call.args) {
            const Access *a = passed_on(e);
            if (!a) continue;
            OwnBuffer &b = inputs[next++];
            const auto g = function_of(*a);
            if (!g) {
                b.raw = buffer_of(*parameter_of(*a));
                b.shape.assign(b.raw.dim, b.raw.dim + b.raw.dimensions);
                b.shape.resize(std::max<size_t>(b.shape.size(), 1));
                continue;
            }
            b.allocate();
            fill(*g, a->value_index, *b.get());
        }
        for (OwnBuffer &b : outputs) b.allocate();
        call_extern(call, inputs, outputs, "");
        std::vector<Lane> values;
        for (OwnBuffer &b : outputs) {
            Lane v;
            std::memcpy(&v.bits, b.memory.data(), b.memory.size());
            values.push_back(v);
        }
        return values;
    }

    void call_extern(const Call &call, std::vector<OwnBuffer> &inputs, std::vector<OwnBuffer> &outputs, const char *when) {
        std::vector<ExternArgument> arguments;
        const auto pass = [&](OwnBuffer &b) { arguments.push_back({heddle::Handle(), reinterpret_cast<uint64_t>(b.get())}); };
        size_t next = 0;
        Frame frame;
        for (const Expr &e : call.args) {
            if (passed_on(e)) {
                pass(inputs[next++]);
            } else {
                arguments.push_back({e.type(), evaluate(e, frame).bits});
            }
        }
        for (OwnBuffer &b : outputs) pass(b);
        auto it = options_.functions.find(call.name);
        void *function = it != options_.functions.end() ? it->second : find_function(call.name);
        if (!function) throw RuntimeError(concat("the pipeline calls ", call.name, ", which this process does not have"));
        const auto code = static_cast<int32_t>(call_function(function, Int(32), arguments));
        if (code != 0) throw RuntimeError(concat("Extern stage ", call.name, " returned ", code, when));
    }

    // --- Funcs with updates

    void compute(State &state, Slice &slice, const Point &rest) {
        for (;;) {
            try {
                compute_box(state, slice, rest);
                slice.computed = slice.wanted;
                return;
            } catch (const Grow &grow) {
                slice.wanted.include(grow.point);
            }
        }
    }

    void compute_box(State &state, Slice &slice, const Point &rest) {
        const Function &f = *state.function;
        slice.values.clear();
        for_each_point(slice.wanted.first, slice.wanted.last, [&](const Point &box_point) {
            Frame frame;
            bind_pure(frame, f, join(state, rest, box_point));
            if (f.external) {
                slice.values[box_point] = extern_values(f, join(state, rest, box_point));
                return;
            }
            std::vector<Lane> values;
            for (const Expr &e : f.pure.values) values.push_back(evaluate(e, frame));
            slice.values[box_point] = std::move(values);
        });
        for (const Definition &u : f.updates) update(state, slice, rest, u);
    }

    // One update, for all values of the Vars that it leaves alone and all points of its domain.
    void update(State &state, Slice &slice, const Point &rest, const Definition &u) {
        const Function &f = *state.function;
        // Dimensions of the box that this update leaves alone range over the box, the others over nothing.
        Point first, last;
        for (size_t d = 0, b = 0; d < f.args.size(); d++) {
            if (!state.touched[d]) continue;
            const bool ranges = is_pure(f, u, d);
            first.push_back(ranges ? slice.wanted.first[b] : 0);
            last.push_back(ranges ? slice.wanted.last[b] : 0);
            b++;
        }
        Point domain_first, domain_last;
        Frame outside;
        if (u.rdom) {
            for (const ReductionVariable &v : u.rdom->variables) {
                const int64_t min = integer(v.min, outside), extent = integer(v.extent, outside);
                domain_first.push_back(static_cast<int>(min));
                domain_last.push_back(static_cast<int>(min + extent - 1));
            }
        }
        for_each_point(first, last, [&](const Point &box_point) {
            const Point p = join(state, rest, box_point);
            for_each_point(domain_first, domain_last, [&](const Point &at) {
                Frame frame;
                frame.self = &state;
                frame.slice = &slice;
                for (size_t d = 0; d < p.size(); d++) {
                    if (is_pure(f, u, d)) frame.set(f.arg_symbols[d], of_int(p[d], Int(32)));
                }
                for (size_t i = 0; i < at.size(); i++) frame.set(u.rdom->variables[i].symbol, of_int(at[i], Int(32)));
                step(state, slice, u, frame);
            });
        });
    }

    void step(State &state, Slice &slice, const Definition &u, Frame &frame) {
        if (u.predicate.defined() && !condition(u.predicate, frame)) return;
        std::vector<std::pair<Point, std::vector<Lane>>> writes;  // nothing is stored before all is computed
        for (const OneStore &s : stores_of(u)) {
            Point p;
            for (const Expr &e : s.args) p.push_back(static_cast<int>(integer(e, frame)));
            Point target = split(state, p).second;
            if (!slice.wanted.contains(target)) continue;  // nobody has asked for it
            std::vector<Lane> values;
            for (const Expr &e : s.values) values.push_back(evaluate(e, frame));
            writes.emplace_back(std::move(target), std::move(values));
        }
        for (const auto &[target, values] : writes) {
            std::vector<Lane> &stored = slice.values.at(target);
            for (size_t i = 0; i < values.size(); i++) {
                if (values[i].state != LaneState::Undef) stored[i] = values[i];
            }
        }
    }

    // Kept: the memo of a frame knows nodes by their address.
    const std::vector<OneStore> &stores_of(const Definition &u) {
        auto [it, added] = stores_.try_emplace(&u);
        if (!added) return it->second;
        const int n = stores_at_once(u.args, u.values);
        for (int k = 0; k < n; k++) it->second.push_back({one_of_several(u.args, k), one_of_several(u.values, k)});
        return it->second;
    }

    Lane own_value(const Access &n, const Point &p, const Frame &frame) const {
        const Point at = split(*frame.self, p).second;
        if (!frame.slice->wanted.contains(at)) throw Grow{at};
        return frame.slice->values.at(at)[static_cast<size_t>(n.value_index)];
    }

    // --- expressions

    int64_t integer(const Expr &e, Frame &frame) {
        const Lane lane = evaluate(e, frame);
        if (!lane.defined()) throw InternalError(concat("an undefined value decides something: ", e));
        return lane_int(lane.bits, e.type());
    }
    bool condition(const Expr &e, Frame &frame) {
        return integer(e, frame) != 0;
    }

    Lane evaluate(const Expr &e, Frame &frame) {
        const bool shared = e.get()->count.load(std::memory_order_relaxed) > 1;
        if (shared) {
            if (auto it = frame.memo.find(e.get()); it != frame.memo.end()) return it->second;
        }
        const Lane v = evaluate_node(e, frame);
        if (shared) frame.memo.emplace(e.get(), v);
        return v;
    }

    Lane binary(const Expr &a, const Expr &b, NodeKind kind, Frame &frame) {
        const Lane x = evaluate(a, frame), y = evaluate(b, frame);
        if (!x.defined() || !y.defined()) return poison;
        return defined(binary_lane(kind, x.bits, y.bits, a.type()));
    }

#define HEDDLE_BINARY(Name) \
    case NodeKind::Name: return binary(e.as<Name>()->a, e.as<Name>()->b, NodeKind::Name, frame);
    Lane evaluate_node(const Expr &e, Frame &frame) {
        switch (e.get()->kind) {
            HEDDLE_FOR_EACH_BINARY(HEDDLE_BINARY)
        case NodeKind::IntImm: return of_int(e.as<IntImm>()->value, e.type());
        case NodeKind::UIntImm: return defined(e.as<UIntImm>()->value);
        case NodeKind::FloatImm: return defined(bits_of_double(e.as<FloatImm>()->value, e.type()));
        case NodeKind::StringImm: return defined(reinterpret_cast<uint64_t>(e.as<StringImm>()->value.c_str()));
        case NodeKind::Cast: {
            const Expr &from = e.as<Cast>()->value;
            const Lane v = evaluate(from, frame);
            return v.defined() ? defined(cast_lane(v.bits, from.type(), e.type())) : v;
        }
        case NodeKind::Reinterpret: return evaluate(e.as<Reinterpret>()->value, frame);
        case NodeKind::And: return condition(e.as<And>()->a, frame) ? evaluate(e.as<And>()->b, frame) : defined(0);
        case NodeKind::Or: return condition(e.as<Or>()->a, frame) ? defined(1) : evaluate(e.as<Or>()->b, frame);
        case NodeKind::Not: return defined(!condition(e.as<Not>()->a, frame));
        case NodeKind::Select: {
            const Select &n = *e.as<Select>();
            return evaluate(condition(n.condition, frame) ? n.true_value : n.false_value, frame);
        }
        case NodeKind::Let: {
            const Let &n = *e.as<Let>();
            frame.set(n.symbol, evaluate(n.value, frame));
            return evaluate(n.body, frame);
        }
        case NodeKind::Variable: return variable(*e.as<Variable>(), frame);
        case NodeKind::Access: return access(*e.as<Access>(), frame);
        case NodeKind::Call: return call(*e.as<Call>(), frame);
        case NodeKind::Load:
        case NodeKind::Ramp:
        case NodeKind::Broadcast:
        case NodeKind::Shuffle:
        case NodeKind::VectorReduce: break;
#define HEDDLE_EXPR(Name, levels, FIELDS, MAKE, doc)
#define HEDDLE_STMT(Name, levels, FIELDS, MAKE, doc) case NodeKind::Name:
#include "ir/nodes.def"
#undef HEDDLE_EXPR
#undef HEDDLE_STMT
            break;
        }
        HEDDLE_ASSERT(false, "a ", to_string(e.get()->kind), " in a definition");
        return poison;
    }
#undef HEDDLE_BINARY

    Lane variable(const Variable &n, const Frame &frame) {
        if (const Lane *v = frame.find(n.symbol)) return *v;
        const std::shared_ptr<const ParameterContents> p = parameter_of(n);
        if (!p) throw InternalError(concat("the Var ", n.symbol.name(), " has no value here"));
        if (p->is_buffer) return dimension_field(*p, n);
        if (auto it = given_.find(p->symbol.id()); it != given_.end()) return defined(it->second.bits);
        if (p->scalar_set) return defined(wrap_unsigned(p->scalar_bits, p->type.bits()));
        if (!p->default_value.defined()) throw RuntimeError(concat("Param ", p->name, " has no value"));
        Frame empty;
        return evaluate(p->default_value, empty);
    }

    const halide_buffer_t &buffer_of(const ParameterContents &p) {
        if (auto it = given_.find(p.symbol.id()); it != given_.end() && it->second.buffer) return *it->second.buffer;
        if (!p.buffer.defined()) throw RuntimeError(concat("input ", p.name, " has no buffer"));
        return *p.buffer.raw_buffer();
    }

    Lane dimension_field(const ParameterContents &p, const Variable &n) {
        const halide_buffer_t &b = buffer_of(p);
        for (size_t d = 0; d < p.dim_symbols.size(); d++) {
            const ParameterContents::DimSymbols &s = p.dim_symbols[d];
            if (n.symbol == s.min) return of_int(b.dim[d].min, n.type);
            if (n.symbol == s.extent) return of_int(b.dim[d].extent, n.type);
            if (n.symbol == s.stride) return of_int(b.dim[d].stride, n.type);
        }
        throw InternalError(concat(n.symbol.name(), " is no field of ", p.name));
    }

    Lane access(const Access &n, Frame &frame) {
        Point p;
        for (const Expr &e : n.args) {
            const Lane at = evaluate(e, frame);
            if (!at.defined()) return poison;
            p.push_back(static_cast<int>(lane_int(at.bits, e.type())));
        }
        if (frame.self && n.buffer == frame.self->function->symbol) return own_value(n, p, frame);
        if (const auto f = function_of(n)) return value(*f, p, n.value_index);
        const auto parameter = parameter_of(n);
        HEDDLE_ASSERT(parameter, n.buffer.name(), " is neither a Func nor an input");
        return element(*parameter, p, n.type);
    }

    Lane element(const ParameterContents &parameter, const Point &p, Type t) {
        const halide_buffer_t &b = buffer_of(parameter);
        int64_t offset = 0;
        for (int d = 0; d < b.dimensions; d++) {
            const int at = p.at(static_cast<size_t>(d));
            if (at < b.dim[d].min || at >= b.dim[d].min + b.dim[d].extent) {
                throw RuntimeError(concat("input ", parameter.name, " is read at ", at, " in dimension ", d,
                                          ", where it covers ", b.dim[d].min, " to ", b.dim[d].min + b.dim[d].extent - 1));
            }
            offset += static_cast<int64_t>(at - b.dim[d].min) * b.dim[d].stride;
        }
        Lane v;
        std::memcpy(&v.bits, b.host + offset * t.bytes(), static_cast<size_t>(t.bytes()));
        if (t.is_bool()) v.bits &= 1;
        return v;
    }

    Lane call(const Call &n, Frame &frame) {
        switch (n.op) {
        case CallOp::likely:
        case CallOp::likely_if_innermost:
        case CallOp::strict_float:
        case CallOp::nontemporal:
        case CallOp::promise_clamped:
        case CallOp::unsafe_promise_clamped:
        case CallOp::memoize_tag: return evaluate(n.args[0], frame);
        case CallOp::return_second: return evaluate(n.args[1], frame);
        case CallOp::if_then_else:
            if (condition(n.args[0], frame)) return evaluate(n.args[1], frame);
            return n.args.size() > 2 ? evaluate(n.args[2], frame) : poison;
        case CallOp::require:
            if (!condition(n.args[0], frame)) throw RuntimeError(concat("require: ", n.args[0], " does not hold"));
            return evaluate(n.args[1], frame);
        case CallOp::undef: return {0, LaneState::Undef};
        case CallOp::user_context: return defined(reinterpret_cast<uint64_t>(options_.user_context));
        case CallOp::unreachable: return poison;
        case CallOp::random: {
            // Kept: the memo of a frame knows nodes by their address.
            Expr &hash = expansions_[&n];
            if (!hash.defined()) hash = expand_call(n);
            HEDDLE_ASSERT(hash.defined(), "random of ", to_string(n.type));
            return evaluate(hash, frame);
        }
        case CallOp::target_has_feature:
        case CallOp::target_arch_is:
        case CallOp::target_os_is:
        case CallOp::target_bits:
        case CallOp::target_natural_vector_bytes: return target_query(n, frame);
        default: break;
        }
        std::vector<uint64_t> bits;
        std::vector<Type> types;
        for (const Expr &e : n.args) {
            const Lane v = evaluate(e, frame);
            if (!v.defined()) return poison;
            bits.push_back(v.bits);
            types.push_back(e.type());
        }
        if (is_lane_call(n.op)) {
            bool is_defined = true;
            const uint64_t result = call_lane(n.op, n.type, bits, types, is_defined);
            return is_defined ? defined(result) : poison;
        }
        HEDDLE_ASSERT(n.op == CallOp::extern_c || n.op == CallOp::pure_extern_c, "no meaning in a definition for ", to_string(n.op));
        return extern_call(n, bits, types);
    }

    Lane extern_call(const Call &n, const std::vector<uint64_t> &bits, const std::vector<Type> &types) {
        auto it = options_.functions.find(n.name);
        void *function = it != options_.functions.end() ? it->second : find_function(n.name);
        if (!function) throw RuntimeError(concat("the pipeline calls ", n.name, ", which this process does not have"));
        std::vector<ExternArgument> arguments;
        for (size_t i = 0; i < bits.size(); i++) arguments.push_back({types[i], bits[i]});
        return defined(call_function(function, n.type, arguments));
    }

    Lane target_query(const Call &n, Frame &frame) {
        const Target &t = options_.target;
        const int64_t argument = n.args.empty() ? 0 : integer(n.args[0], frame);
        switch (n.op) {
        case CallOp::target_has_feature: return defined(t.has_feature(static_cast<Target::Feature>(argument)));
        case CallOp::target_arch_is: return defined(t.arch == static_cast<Target::Arch>(argument));
        case CallOp::target_os_is: return defined(t.os == static_cast<Target::OS>(argument));
        case CallOp::target_bits: return of_int(t.bits, n.type);
        default: return of_int(t.natural_vector_size(UInt(8)), n.type);
        }
    }

    const NaiveOptions &options_;
    std::unordered_map<uint64_t, ArgValue> given_;
    std::unordered_map<const Function *, State> states_;
    std::unordered_map<const Call *, Expr> expansions_;
    std::unordered_map<const Definition *, std::vector<OneStore>> stores_;
};

}  // namespace

void evaluate_naively(const std::vector<std::shared_ptr<const Function>> &outputs,
                      const std::vector<halide_buffer_t *> &buffers, const NaiveOptions &options) {
    NaiveEvaluator evaluator(options);
    size_t next = 0;
    for (const auto &f : outputs) {
        for (const auto &parameter : f->output_parameters) {
            HEDDLE_ASSERT(next < buffers.size(), "fewer buffers than outputs");
            evaluator.bind(*parameter, buffers[next++]);
        }
    }
    HEDDLE_ASSERT(next == buffers.size(), buffers.size(), " buffers for ", next, " outputs");
    next = 0;
    for (const auto &f : outputs) {
        for (int i = 0; i < static_cast<int>(f->types.size()); i++) evaluator.fill(*f, i, *buffers[next++]);
    }
}

}  // namespace heddle::Internal
