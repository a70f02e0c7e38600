#pragma once
// The words of schedules as text.

#include <iosfwd>

#include "heddle/extern.h"
#include "heddle/loop_types.h"
#include "heddle/schedule.h"
#include "heddle/target.h"

namespace heddle {

std::ostream &operator<<(std::ostream &out, const TailStrategy &t);
std::ostream &operator<<(std::ostream &out, const MemoryType &m);
std::ostream &operator<<(std::ostream &out, const Partition &p);
std::ostream &operator<<(std::ostream &out, const DeviceAPI &d);
std::ostream &operator<<(std::ostream &out, const LoopLevel &l);
std::ostream &operator<<(std::ostream &out, const Target &t);
std::ostream &operator<<(std::ostream &out, const ExternSignature &s);

}  // namespace heddle
