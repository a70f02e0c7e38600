// The scheduling calls that say how memory and results are treated on the way: prefetching, streaming, keeping.

#include "heddle/func.h"
#include "language/parameter.h"
#include "schedule/record.h"

namespace heddle {

using namespace Internal;
using Kind = DirectiveKind;

namespace {

// An undefined Func has a name, but nobody knows it.
std::string name_of(const Func &f) {
    return f.defined() ? f.name() : std::string();
}

DirectiveArgument said(PrefetchBoundStrategy s) {
    return s == PrefetchBoundStrategy::GuardWithIf ? DirectiveArgument() : DirectiveArgument(s);
}

}  // namespace

Stage &Stage::prefetch(const Func &f, const VarOrRVar &at, const VarOrRVar &from, const Expr &offset,
                       PrefetchBoundStrategy strategy) {
    say(*function_, index_, Kind::prefetch, at.location, name_of(f), loop(at), loop(from), offset, said(strategy));
    return *this;
}

Stage &Stage::prefetch(const Parameter &image, const VarOrRVar &at, const VarOrRVar &from,
                       const Expr &offset, PrefetchBoundStrategy strategy) {
    say(*function_, index_, Kind::prefetch, at.location, image.defined() ? image.name() : std::string(), loop(at), loop(from),
        offset, said(strategy));
    return *this;
}

Stage &Stage::stream_loads(const Func &f, std::source_location location) {
    say(*function_, index_, Kind::stream_loads, location, name_of(f));
    return *this;
}

Stage &Stage::stream_stores(std::source_location location) {
    say(*function_, index_, Kind::stream_stores, location);
    return *this;
}

Func &Func::prefetch(const Func &f, const VarOrRVar &at, const VarOrRVar &from, const Expr &offset,
                     PrefetchBoundStrategy strategy) {
    Stage(function_, 0).prefetch(f, at, from, offset, strategy);
    return *this;
}

Func &Func::prefetch(const Parameter &image, const VarOrRVar &at, const VarOrRVar &from,
                     const Expr &offset, PrefetchBoundStrategy strategy) {
    Stage(function_, 0).prefetch(image, at, from, offset, strategy);
    return *this;
}

Func &Func::stream_loads(const Func &f, std::source_location location) {
    Stage(function_, 0).stream_loads(f, location);
    return *this;
}

Func &Func::stream_stores(std::source_location location) {
    Stage(function_, 0).stream_stores(location);
    return *this;
}

Func &Func::memoize(const EvictionKey &eviction_key, std::source_location location) {
    say(*function_, 0, Kind::memoize, location,
        eviction_key.key().defined() ? DirectiveArgument(eviction_key.key()) : DirectiveArgument());
    return *this;
}

}  // namespace heddle
