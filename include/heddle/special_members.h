#pragma once
// Copies, moves and destructors that are compiled once, in the library. A program that passes Funcs and Exprs
// around calls them some hundred times; generating them in each file took a third of its compile time.

/** In a class: declares them. */
#define HEDDLE_SPECIAL_MEMBERS(Class)         \
    Class(const Class &);                     \
    Class(Class &&) noexcept;                 \
    Class &operator=(const Class &);          \
    Class &operator=(Class &&) noexcept;      \
    ~Class()

/** In a source file: defines what HEDDLE_SPECIAL_MEMBERS declares as the compiler would. */
#define HEDDLE_DEFINE_SPECIAL_MEMBERS(Class)            \
    Class::Class(const Class &) = default;              \
    Class::Class(Class &&) noexcept = default;          \
    Class &Class::operator=(const Class &) = default;   \
    Class &Class::operator=(Class &&) noexcept = default; \
    Class::~Class() = default
