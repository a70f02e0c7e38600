#include "directives/cases.h"

namespace heddle::testing {

namespace {

/** A producer that its consumer reads in two rows and two columns. */
struct Two {
    Var x{"x"}, y{"y"}, yo{"yo"}, yi{"yi"}, xo{"xo"}, xi{"xi"}, nowhere{"nowhere"};
    Func f{"f"}, g{"g"};
    Two() {
        f(x, y) = x * 3 + y;
        g(x, y) = f(x, y) + f(x + 1, y + 1);
    }
    void lower() {
        lower_pipeline({g});
    }
};

using Part = std::function<void(Two &)>;

/** `always` in any case, then `directive` when it is said; `refused` on a pipeline without any schedule. */
Case of_two(const Part &always, const Part &directive, const Part &refused, const std::string &before = "storage_folding") {
    Case c;
    c.program = [=](bool said) {
        Two t;
        always(t);
        if (said) directive(t);
        return t.g;
    };
    c.extents = {8, 6};
    c.refused = [=] {
        Two t;
        refused(t);
    };
    c.before = before;
    return c;
}

void nothing(Two &) {
}
void at_root(Two &t) {
    t.f.compute_root();
}

void places(Cases &all) {
    all["compute_root"] = of_two(nothing, at_root, [](Two &) { Func("h").compute_root(); });
    all["compute_at"] = of_two(nothing, [](Two &t) { t.f.compute_at(t.g, t.y); }, [](Two &t) {
        t.f.compute_at(t.g, t.nowhere);
        t.lower();
    });
    all["compute_inline"] = of_two(at_root, [](Two &t) { t.f.compute_inline(); }, [](Two &) { Func("h").compute_inline(); });
    const Part in_rows = [](Two &t) { t.f.compute_at(t.g, t.y); };
    all["store_root"] = of_two(in_rows, [](Two &t) { t.f.store_root(); }, [](Two &t) {
        t.f.store_root();
        t.lower();
    });
    all["store_at"] = of_two([](Two &t) { t.f.compute_at(t.g, t.x); }, [](Two &t) { t.f.store_at(t.g, t.y); }, [](Two &t) {
        t.f.compute_at(t.g, t.y).store_at(t.g, t.nowhere);
        t.lower();
    });
    all["hoist_storage"] = of_two([](Two &t) { t.f.compute_at(t.g, t.x); }, [](Two &t) { t.f.hoist_storage(t.g, t.y); }, [](Two &t) {
        t.f.compute_at(t.g, t.x).hoist_storage(t.g, t.nowhere);
        t.lower();
    });
    all["hoist_storage_root"] = of_two(in_rows, [](Two &t) { t.f.hoist_storage_root(); }, [](Two &t) {
        t.f.hoist_storage_root();
        t.lower();
    });
    all["ring_buffer"] = of_two([](Two &t) { t.f.compute_at(t.g, t.y).hoist_storage_root(); }, [](Two &t) { t.f.ring_buffer(2); },
                                [](Two &t) {
                                    t.f.compute_at(t.g, t.y).ring_buffer(2);
                                    t.lower();
                                });
    all["async"] = of_two(in_rows, [](Two &t) { t.f.async(); }, [](Two &t) {
        Func h("h");
        h(t.x, t.y) = t.f(t.x, t.y) + t.g(t.x, t.y);
        t.f.store_root().compute_at(h, t.y);
        t.g.store_root().compute_at(h, t.y).async();
        lower_pipeline({h});
    }, "bound_extents");
    all["memoize"] = of_two(at_root, [](Two &t) { t.f.memoize(); }, [](Two &t) {
        t.g.memoize();
        t.lower();
    });
}

void storage(Cases &all) {
    const char *const flat = "simplify_indices";
    all["store_in"] = of_two([](Two &t) { t.f.compute_at(t.g, t.y).bound_extent(t.x, 9); }, [](Two &t) { t.f.store_in(MemoryType::Stack); },
                             [](Two &t) { t.f.compute_root().store_in(MemoryType::GPUShared); });
    all["reorder_storage"] = of_two(at_root, [](Two &t) { t.f.reorder_storage(t.y, t.x); },
                                    [](Two &t) { t.f.reorder_storage(t.y, t.y); }, flat);
    all["align_storage"] = of_two(at_root, [](Two &t) { t.f.align_storage(t.x, 16); }, [](Two &t) { t.f.align_storage(t.x, 0); }, flat);
    all["split_storage"] = of_two(at_root, [](Two &t) { t.f.split_storage(t.x, t.xo, t.xi, 4); }, [](Two &t) {
        t.g.split_storage(t.x, t.xo, t.xi, 4);
        t.lower();
    }, flat);
    all["bound_storage"] = of_two(at_root, [](Two &t) { t.f.bound_storage(t.x, 12); },
                                  [](Two &t) { t.f.bound_storage(t.nowhere, 12); }, "fork_async");
    all["fold_storage"] = of_two([](Two &t) { t.f.store_root().compute_at(t.g, t.y); }, [](Two &t) { t.f.fold_storage(t.y, 5); },
                                 [](Two &t) {
                                     t.f.compute_root().fold_storage(t.y, 5);
                                     t.lower();
                                 }, "fork_async");
}

void users(Cases &all) {
    all["in"] = of_two(at_root, [](Two &t) { t.f.in(t.g).compute_at(t.g, t.y); }, [](Two &t) {
        Func h("h");
        h(t.x, t.y) = t.f(t.x, t.y);
        t.f.compute_root();
        t.g.in(h).compute_root();  // which does not use it
        h(t.x, t.y) += t.g(t.x, t.y) * 0;
        Func other("other");
        other(t.x, t.y) = h(t.x, t.y);
        t.f.in(other);
        lower_pipeline({other});
    });
    all["clone_in"] = of_two(nothing, [](Two &) {}, [](Two &t) {
        t.f.in(t.g);
        t.f.clone_in(t.g);
    });
    all["clone_in"].program = [](bool said) {
        Two t;
        Func h("h");
        h(t.x, t.y) = t.g(t.x, t.y) - t.f(t.y, t.x);
        t.f.compute_root();
        t.g.compute_root();
        if (said) t.f.clone_in(h).compute_at(h, t.x);
        return h;
    };
}

void regions(Cases &all) {
    all["bound"] = of_two(at_root, [](Two &t) { t.f.bound(t.x, 0, 9); }, [](Two &t) { t.f.bound(t.nowhere, 0, 9); });
    all["bound_extent"] = of_two(at_root, [](Two &t) { t.f.bound_extent(t.x, 9); }, [](Two &t) { t.f.bound_extent(t.x, Expr()); });
    all["align_bounds"] = of_two(at_root, [](Two &t) { t.f.align_bounds(t.x, 4, 1); }, [](Two &t) { t.f.align_bounds(t.x, -4); });
    all["align_extent"] = of_two(at_root, [](Two &t) { t.f.align_extent(t.x, 4); }, [](Two &t) { t.f.align_extent(t.x, t.y); });
}

}  // namespace

Cases func_cases() {
    Cases all;
    places(all);
    storage(all);
    users(all);
    regions(all);
    return all;
}

}  // namespace heddle::testing
