#include <llvm/Passes/PassBuilder.h>
#include <llvm/Target/TargetMachine.h>

#include "codegen/llvm/module_state.h"

namespace heddle::Internal {

void optimize(llvm::Module &module, llvm::TargetMachine &machine, const Target &target) {
    llvm::PipelineTuningOptions tuning;
    // The schedule has decided which loops are vectors and which are unrolled.
    bool loops = target.has_feature(Target::EnableLLVMLoopOpt);
    tuning.LoopVectorization = loops;
    tuning.LoopInterleaving = loops;
    tuning.LoopUnrolling = loops;
    tuning.SLPVectorization = loops;
    tuning.CallGraphProfile = false;

    llvm::PassBuilder passes(&machine, tuning);
    llvm::LoopAnalysisManager loop_analyses;
    llvm::FunctionAnalysisManager function_analyses;
    llvm::CGSCCAnalysisManager call_graph_analyses;
    llvm::ModuleAnalysisManager module_analyses;
    passes.registerModuleAnalyses(module_analyses);
    passes.registerCGSCCAnalyses(call_graph_analyses);
    passes.registerFunctionAnalyses(function_analyses);
    passes.registerLoopAnalyses(loop_analyses);
    passes.crossRegisterProxies(loop_analyses, function_analyses, call_graph_analyses, module_analyses);
    llvm::ModulePassManager pipeline = passes.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O3);
    pipeline.run(module, module_analyses);
}

}  // namespace heddle::Internal
