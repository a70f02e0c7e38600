#pragma once
// Values of the interpreter: lanes of bits with a type, and what the operators of the IR do to one lane.
//
// A lane holds the bits of its element type, zero-extended: int8 -1 is 0xff, float16 1 is 0x3c00.
// A lane can be poison (read from memory that nothing wrote) or undef (the value of undef()). An operator
// with such an operand gives poison. Poison may be copied, stored to memory of the kernel itself and not
// chosen by a select; where it would decide what happens, the interpreter refuses it.

#include <cstdint>
#include <string>
#include <vector>

#include "ir/nodes.h"

namespace heddle::Internal {

enum class LaneState : uint8_t { Defined, Poison, Undef };

struct Lane {
    uint64_t bits = 0;
    LaneState state = LaneState::Defined;
    bool defined() const {
        return state == LaneState::Defined;
    }
};

class Value {
public:
    Value() = default;
    /** All lanes zero. */
    explicit Value(Type t)
        : type_(t), more_(t.lanes() > 1 ? static_cast<size_t>(t.lanes() - 1) : 0) {
    }
    Value(Type t, uint64_t bits)
        : Value(t) {
        first_.bits = bits;
    }
    Type type() const {
        return type_;
    }
    int lanes() const {
        return type_.lanes();
    }
    Lane &operator[](int i) {
        return i == 0 ? first_ : more_[static_cast<size_t>(i - 1)];
    }
    const Lane &operator[](int i) const {
        return i == 0 ? first_ : more_[static_cast<size_t>(i - 1)];
    }

private:
    Type type_;
    Lane first_;
    std::vector<Lane> more_;
};

// One lane. t is the (scalar) type of the bits.
int64_t lane_int(uint64_t bits, Type t);        ///< of an integer; uint64 wraps
double lane_double(uint64_t bits, Type t);      ///< of a float, exactly
uint64_t bits_of_int(int64_t value, Type t);    ///< wrapped to an integer type
uint64_t bits_of_double(double value, Type t);  ///< rounded to a float type
/** As a person writes it. */
std::string lane_text(const Lane &lane, Type t);

/** a op b of the node kinds Add ... GE, both of type t; a comparison gives 0 or 1. */
uint64_t binary_lane(NodeKind kind, uint64_t a, uint64_t b, Type t);
/** The bits of a value of type `from` as type `to`. Float to integer truncates; NaN and what is out of the
    range of int64 gives 0. To bool: whether it is not zero. */
uint64_t cast_lane(uint64_t bits, Type from, Type to);

/** A call of intrinsics.def that works lane by lane; argument i has bits args[i] and type types[i].
    defined is set to false where the result is not defined. HEDDLE_ASSERTs that op is such a call. */
uint64_t call_lane(CallOp op, Type result, const std::vector<uint64_t> &args, const std::vector<Type> &types, bool &defined);
bool is_lane_call(CallOp op);

}  // namespace heddle::Internal
