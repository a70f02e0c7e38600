#pragma once
// The kinds of nodes.def with two operands a and b that are both evaluated: arithmetic and comparisons. For switches that
// treat them alike: `#define CASE(Name) …`, then `HEDDLE_FOR_EACH_BINARY(CASE)`.

#define HEDDLE_FOR_EACH_BINARY(CASE) \
    CASE(Add)                        \
    CASE(Sub)                        \
    CASE(Mul)                        \
    CASE(Div)                        \
    CASE(Mod)                        \
    CASE(Min)                        \
    CASE(Max)                        \
    CASE(EQ)                         \
    CASE(NE)                         \
    CASE(LT)                         \
    CASE(LE)                         \
    CASE(GT)                         \
    CASE(GE)
