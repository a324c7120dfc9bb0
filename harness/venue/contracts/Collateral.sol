// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ADAPTER, NEG_RISK_COLLATERAL_ADAPTER, OFFRAMP, ONRAMP, PUSD, USDC, USDCE} from "./Addresses.sol";
import {Dollar} from "./Dollar.sol";

/// The exchange's collateral, pUSD: what trades pay in. Each is backed by one of the two USDC, which the token
/// itself keeps; only the ramps and the adapters make and end it.
contract CollateralToken is Dollar {
    event Wrapped(address indexed caller, address indexed asset, address indexed to, uint256 amount);
    event Unwrapped(address indexed caller, address indexed asset, address indexed to, uint256 amount);

    error InvalidAsset();
    error Unauthorized();

    modifier onlyWrapper(address asset) {
        if (
            msg.sender != ONRAMP && msg.sender != OFFRAMP && msg.sender != ADAPTER
                && msg.sender != NEG_RISK_COLLATERAL_ADAPTER
        ) revert Unauthorized();
        if (asset != USDCE && asset != USDC) revert InvalidAsset();
        _;
    }

    function name() external pure override returns (string memory) {
        return "Polymarket USD";
    }

    function symbol() external pure override returns (string memory) {
        return "pUSD";
    }

    /// Makes pUSD for the asset that the caller sent here in the same call.
    function wrap(address asset, address to, uint256 amount) external onlyWrapper(asset) {
        _mint(to, amount);
        emit Wrapped(msg.sender, asset, to, amount);
    }

    /// Ends the pUSD that the caller sent here in the same call, and pays the asset out.
    function unwrap(address asset, address to, uint256 amount) external onlyWrapper(asset) {
        _burn(address(this), amount);
        emit Unwrapped(msg.sender, asset, to, amount);
        Dollar(asset).transfer(to, amount);
    }
}

/// Anybody's way in: USDC.e or USDC for as much pUSD. The caller approves this contract for the asset.
contract CollateralOnramp {
    error InvalidAsset();

    function wrap(address asset, address to, uint256 amount) external {
        if (asset != USDCE && asset != USDC) revert InvalidAsset();
        Dollar(asset).transferFrom(msg.sender, PUSD, amount);
        CollateralToken(PUSD).wrap(asset, to, amount);
    }
}

/// Anybody's way out: pUSD for as much USDC.e or USDC. The caller approves this contract for pUSD.
contract CollateralOfframp {
    error InvalidAsset();

    function unwrap(address asset, address to, uint256 amount) external {
        if (asset != USDCE && asset != USDC) revert InvalidAsset();
        Dollar(PUSD).transferFrom(msg.sender, PUSD, amount);
        CollateralToken(PUSD).unwrap(asset, to, amount);
    }
}
